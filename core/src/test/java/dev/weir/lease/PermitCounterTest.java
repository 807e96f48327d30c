package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.store.LeaseCall;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/** Whatever threads do with a purse at the same time has the results of doing one after the other. */
class PermitCounterTest {

    /** What threads do. Its results state all: what was spent and what was left. */
    public static class Threads {

        final PermitCounter purse = new PermitCounter();

        /** It begins with something in it. */
        public Threads() {
            purse.put(3);
        }

        @Operation
        public long spendOne() {
            return purse.spend(1);
        }

        @Operation
        public long spendTwo() {
            return purse.spend(2);
        }

        @Operation
        public long spendUncounted() {
            return purse.spendUncounted(1);
        }

        @Operation
        public void put() {
            purse.put(2);
        }

        @Operation
        public long takeAll() {
            return purse.takeAll();
        }

        @Operation
        public long left() {
            return purse.left();
        }

        @Operation
        public String count() {
            return purse.count().toString();
        }
    }

    /** Looks first and takes then. */
    public static class Careless {

        private volatile long left = 3;

        @Operation
        public long spendTwo() {
            long seen = left;
            if (seen < 2) {
                return PermitCounter.REFUSED;
            }
            left = seen - 2;
            return seen - 2;
        }

        @Operation
        public void put() {
            synchronized (this) {
                left = left + 2;
            }
        }
    }

    private static ModelCheckingOptions allInterleavings() {
        return new ModelCheckingOptions()
                .iterations(20)
                .invocationsPerIteration(200)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1);
    }

    @Test
    void interleavings_linearizable() {
        allInterleavings().check(Threads.class);
    }

    @Test
    void interleavings_ofACarelessPurse_refuted() {
        assertThatThrownBy(
                        () -> allInterleavings().minimizeFailedScenario(false).check(Careless.class))
                .isInstanceOf(LincheckAssertionError.class);
    }

    @Test
    void threads_linearizable() {
        new StressOptions()
                .iterations(10)
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(4)
                .check(Threads.class);
    }

    @Test
    void spend_noCost_refused() {
        PermitCounter purse = new PermitCounter();
        purse.put(5);
        assertThat(purse.spend(0)).isEqualTo(PermitCounter.REFUSED);
        assertThat(purse.spend(-1)).isEqualTo(PermitCounter.REFUSED);
        assertThat(purse.spend(Long.MIN_VALUE)).isEqualTo(PermitCounter.REFUSED);
        assertThat(purse.spend(Long.MAX_VALUE)).isEqualTo(PermitCounter.REFUSED);
        assertThat(purse.count()).isEqualTo(new PermitCounter.Count(5, 0));
    }

    /** As many times as can be between two counts, and as many permits as can be leased. */
    @Test
    void count_largest_bothRight() {
        PermitCounter purse = new PermitCounter();
        purse.put(LeaseCall.MOST);
        for (int i = 0; i < 1_000; i++) {
            assertThat(purse.spend(1)).isEqualTo(LeaseCall.MOST - 1 - i);
        }
        assertThat(purse.spendUncounted(10)).isEqualTo(LeaseCall.MOST - 1_010);
        assertThat(purse.count()).isEqualTo(new PermitCounter.Count(LeaseCall.MOST - 1_010, 1_000));
        assertThat(purse.takeAll()).isEqualTo(LeaseCall.MOST - 1_010);
        assertThat(purse.count()).isEqualTo(new PermitCounter.Count(0, 0));
    }
}

package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FairSharesTest {

    private static final int SLICES = 20;

    private static double[] all(double value) {
        double[] values = new double[SLICES];
        Arrays.fill(values, value);
        return values;
    }

    private static PoolClient client(String group, long weight, double wants, double gotPerSecond) {
        long[] weights = new long[SLICES];
        Arrays.fill(weights, weight);
        return new PoolClient(group, weights, all(wants), all(gotPerSecond / 10), all(10), all(1));
    }

    private static final FairShares SHARES = new FairShares(
            1_000,
            List.of(
                    client("light", 1, Double.POSITIVE_INFINITY, 198),
                    client("heavy", 3, Double.POSITIVE_INFINITY, 606),
                    client("polite", 50, 200, 190)),
            10,
            SLICES);

    @Test
    void rows_aGroupBesideItsIdeal() {
        FairShares.Row light = SHARES.rows().get(0);

        assertThat(light.group()).isEqualTo("light");
        assertThat(light.weights()).isEqualTo("1");
        assertThat(light.ideal()).isCloseTo(200, within(1e-9));
        assertThat(light.got()).isCloseTo(198, within(1e-9));
        assertThat(light.worst()).isCloseTo(0.01, within(1e-9));
        assertThat(light.refused()).isEqualTo(0.1);
        assertThat(SHARES.rows()).extracting(FairShares.Row::group).containsExactly("light", "heavy", "polite");
    }

    @Test
    void errors_areOfThoseWhoAlwaysWantMore() {
        assertThat(SHARES.worstError()).isCloseTo(0.01, within(1e-9));
        assertThat(SHARES.jain()).isBetween(0.9999, 1.0);
        assertThat(SHARES.utilisation()).isCloseTo(0.994, within(1e-9));
        assertThat(SHARES.windows(Set.of()).getCount()).isEqualTo(2);
        assertThat(SHARES.windows(Set.of()).getMax()).isCloseTo(0.01, within(1e-9));
        assertThat(SHARES.windows(Set.of(1)).getCount()).isZero();
    }

    @Test
    void ideal_ofWhoIsThereForAPartOfTheTime_isOfThatPart() {
        double[] comes = all(Double.POSITIVE_INFINITY);
        Arrays.fill(comes, 0, 15, 0);
        PoolClient visitor = new PoolClient("visitor", new long[SLICES], comes, all(0), all(0), all(0));
        Arrays.fill(visitor.weights(), 4);
        FairShares shares = new FairShares(
                1_000, List.of(client("stays", 1, Double.POSITIVE_INFINITY, 1_000), visitor), 10, SLICES);

        assertThat(shares.ideal(0, 10, 20)).isCloseTo(600, within(1e-9));
        assertThat(shares.ideal(1, 10, 20)).isCloseTo(400, within(1e-9));
    }
}

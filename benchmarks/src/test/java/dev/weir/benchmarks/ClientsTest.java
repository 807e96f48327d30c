package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClientsTest {

    private static final int ASKED = 1 << 20;

    private static Map<String, Long> counts(Clients clients) {
        Clients.Walk walk = clients.walk(0, 1);
        return Stream.generate(walk::next)
                .limit(ASKED)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    @Test
    void zipf_theNthIsAskedForOneNthAsOften() {
        Map<String, Long> counts = counts(Clients.zipf());
        double harmonic =
                IntStream.rangeClosed(1, Clients.MANY).mapToDouble(n -> 1.0 / n).sum();
        assertThat(counts.get("client-1") / (double) ASKED).isCloseTo(1 / harmonic, within(0.002));
        assertThat(counts.get("client-10") / (double) ASKED).isCloseTo(0.1 / harmonic, within(0.001));
        assertThat(counts).doesNotContainKeys("client-0", "client-" + (Clients.MANY + 1));
    }

    @Test
    void uniform_nobodyIsAskedForMuchMoreOftenThanOthers() {
        Map<String, Long> counts = counts(Clients.uniform());
        assertThat(counts).hasSizeGreaterThan(Clients.MANY * 99 / 100);
        assertThat(counts.values()).allMatch(count -> count < 5L * ASKED / Clients.MANY);
    }

    @Test
    void hot_isOne() {
        assertThat(counts(Clients.hot())).containsOnlyKeys(Clients.HOT);
    }

    @Test
    void walk_threadsStartElsewhere_andGoRound() {
        Clients clients = Clients.uniform();
        Clients.Walk first = clients.walk(0, 2);
        Clients.Walk second = clients.walk(1, 2);
        for (int i = 0; i < ASKED / 2; i++) {
            first.next();
        }
        for (int i = 0; i < ASKED; i++) {
            assertThat(first.next()).isSameAs(second.next());
        }
    }
}

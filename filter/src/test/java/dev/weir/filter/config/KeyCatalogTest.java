package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyCatalogTest {

    private final KeyCatalog catalog = KeyCatalog.with(Set.of("weir.redisson.uri"));

    @ParameterizedTest
    @CsvSource({
        "weir.stroe, weir.store",
        "weir.policy.search.limt, weir.policy.search.limit",
        "weir.plicy.search.limit, weir.policy.search.limit",
        "weir.policy.search.on-store-fail, weir.policy.search.on-store-failure",
        "weir.policy.limit, weir.policy.P.limit",
        "weir.redison.uri, weir.redisson.uri",
        "weir.config.reload, weir.config.file",
        "wier.store, weir.store",
        "weir.policy.search.client.alice.wieght, weir.policy.search.client.alice.weight",
        "weir.policy.search.client.10.0.0.1.weight, weir.policy.search.client.\"10.0.0.1\".weight",
        "weir.policy.search.plan.gold.limt, weir.policy.search.plan.gold.limit",
        "weir.policy.search.action.pdf.perod, weir.policy.search.action.pdf.period",
        "weir.client.a.b.plan, weir.client.\"a.b\".plan",
        "weir.client.alice.paln, weir.client.alice.plan"
    })
    void nearest_misspelt_isWhatWasMeant(String wrong, String meant) {
        assertThat(catalog.nearest(wrong)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"'', '', 0", "a, '', 1", "kitten, sitting, 3", "flaw, lawn, 2", "abc, abc, 0"})
    void distance_knownPairs_isLevenshteins(String from, String to, int expected) {
        assertThat(KeyCatalog.distance(from, to)).isEqualTo(expected);
    }

    @Property
    void distance_anyPair_isAMetric(
            @ForAll @StringLength(max = 12) String a,
            @ForAll @StringLength(max = 12) String b,
            @ForAll @StringLength(max = 12) String c) {
        assertThat(KeyCatalog.distance(a, b)).isEqualTo(KeyCatalog.distance(b, a));
        assertThat(KeyCatalog.distance(a, b) == 0).isEqualTo(a.equals(b));
        assertThat(KeyCatalog.distance(a, c))
                .isLessThanOrEqualTo(KeyCatalog.distance(a, b) + KeyCatalog.distance(b, c));
    }
}

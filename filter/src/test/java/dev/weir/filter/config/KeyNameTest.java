package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyNameTest {

    private static final KeyName LIMIT = name("weir.policy.P.limit");

    private static KeyName name(String key) {
        return KeyName.parse(key).orElseThrow();
    }

    @Test
    void parse_quotedSegment_keepsItsDots() {
        KeyName key = name("weir.policy.search.client.\"a.b\".weight");

        assertThat(key.segments()).isEqualTo(List.of("weir", "policy", "search", "client", "a.b", "weight"));
        assertThat(key).hasToString("weir.policy.search.client.\"a.b\".weight");
    }

    @Test
    void toString_needlesslyQuoted_isCanonical() {
        assertThat(name("weir.policy.\"search\".limit")).hasToString("weir.policy.search.limit");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "weir.", ".weir", "weir..store", "weir.\"a", "weir.a\"b", "weir.\"\".a", "weir.\"a\"b"})
    void parse_malformed_isNoKey(String key) {
        assertThat(KeyName.parse(key)).isEmpty();
    }

    @Test
    void matches_nameInItsPlace_onlyThere() {
        assertThat(name("weir.policy.search.limit").matches(LIMIT)).isTrue();
        assertThat(name("weir.policy.search.period").matches(LIMIT)).isFalse();
        assertThat(name("weir.policy.a.b.limit").matches(LIMIT)).isFalse();
        assertThat(name("weir.policy.search.limit").names(LIMIT)).containsExactly("search");
    }

    @Test
    void with_twoNames_eachInItsPlace() {
        KeyName pattern = name("weir.policy.P.client.C.weight");

        assertThat(pattern.with("search", "a.b")).hasToString("weir.policy.search.client.\"a.b\".weight");
        assertThat(pattern.with("P", "C").names(pattern)).containsExactly("P", "C");
        assertThat(name("weir.policy.search").names(pattern)).isEmpty();
    }

    @Test
    void about_subjectsOfAKey_areTheirKeys() {
        KeyName pattern = name("weir.policy.P.client.C.weight");
        KeyName key = name("weir.policy.search.client.alice.weight");

        assertThat(key.subjects(pattern))
                .containsExactly(name("weir.policy.search"), name("weir.policy.search.client.alice"));
        assertThat(pattern.about(name("weir.policy.search.client.alice"))).contains(key);
        assertThat(LIMIT.about(name("weir.policy.search"))).contains(name("weir.policy.search.limit"));
        assertThat(LIMIT.about(name("weir.policy.search.client.alice"))).isEmpty();
        assertThat(pattern.about(name("weir.policy.search.plan.gold"))).isEmpty();
        assertThat(name("weir.store").about(name("weir"))).isEmpty();
    }

    @Test
    void inEnvironment_key_isWhatMicroProfileAsks() {
        assertThat(KeyName.inEnvironment("weir.policy.my-api.on-store-failure"))
                .isEqualTo("WEIR_POLICY_MY_API_ON_STORE_FAILURE");
    }
}

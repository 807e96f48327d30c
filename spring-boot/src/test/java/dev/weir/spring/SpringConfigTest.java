package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class SpringConfigTest {

    private final StandardEnvironment environment = new StandardEnvironment();
    private final SpringConfig config = new SpringConfig(environment);

    private void say(Map<String, Object> properties) {
        environment.getPropertySources().addLast(new MapPropertySource("application.yml", properties));
    }

    @ParameterizedTest
    @CsvSource({
        "weir.policy.search.limit, weir.policy.search.limit",
        "weir.policy.search.client[10.0.0.7].weight, weir.policy.search.client.\"10.0.0.7\".weight",
        "weir.policy.search.client[42].weight, weir.policy.search.client.42.weight",
        "weir.client.[alice].plan, weir.client.alice.plan"
    })
    void property_isListedByTheKeyOfWeir(String property, String key) {
        say(Map.of(property, 7, "server.port", 1));

        assertThat(config.getPropertyNames()).contains(key).doesNotContain("server.port");
        assertThat(config.getConfigValue(key).getValue()).isEqualTo("7");
        assertThat(config.getConfigValue(key).getSourceName()).isEqualTo("application.yml");
    }

    @Test
    void list_isJoinedByCommas_inItsOrder() {
        say(Map.of(
                "weir.policies[1]", "b", "weir.policies[0]", "a", "weir.policies[10]", "k", "weir.policies[2]", "c"));

        assertThat(config.getConfigValue("weir.policies").getValue()).isEqualTo("a, b, c, k");
    }

    @Test
    void placeholder_isResolved_andOneWithoutValueIsNone() {
        say(Map.of("weir.policy.a.limit", "${most}", "weir.policy.b.limit", "${none}", "most", 5));

        assertThat(config.getConfigValue("weir.policy.a.limit").getValue()).isEqualTo("5");
        assertThat(config.getConfigValue("weir.policy.b.limit").getValue()).isNull();
        assertThat(config.getConfigValue("weir.policy.b.limit").getRawValue()).isEqualTo("${none}");
    }

    @Test
    void offInYaml_isNotABoolean() {
        say(Map.of("weir.leases", false));

        assertThat(config.getConfigValue("weir.leases").getValue()).isEqualTo("off");
    }

    @Test
    void variable_givesItsKey_aboveTheApplicationsFile() {
        String variables = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment
                .getPropertySources()
                .replace(
                        variables,
                        new SystemEnvironmentPropertySource(
                                variables, Map.of("WEIR_POLICY_MY_API_MAX_DELAY", "9s", "OTHER", "x")));
        say(Map.of("weir.policy.my-api.max-delay", "1s"));

        assertThat(config.getConfigValue("weir.policy.my-api.max-delay").getValue())
                .isEqualTo("9s");
        assertThat(config.getPropertyNames()).contains("WEIR_POLICY_MY_API_MAX_DELAY");
    }

    @Test
    void watchedFile_isBelowVariables_andAboveTheApplicationsFile() {
        say(Map.of("weir.leases", "fast"));
        List<String> names = new ArrayList<>();
        config.getConfigSources().forEach(source -> names.add(source.getName()));

        assertThat(names)
                .containsSubsequence(
                        StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        "weir.config.file",
                        "application.yml");
    }
}

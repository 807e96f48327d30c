package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.filter.RateLimits;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without an implementation of MicroProfile Config the same keys mean the same. */
class PlainConfigTest {

    private static final Map<String, String> VARIABLES = Map.of(
            "WEIR_POLICY_SEARCH_LIMIT", "upper",
            "weir_policy_mail_limit", "lower",
            "weir.policy.exact.limit", "exact",
            "WEIR_POLICY_MY_API_LIMIT", "dash",
            "WEIR_POLICY_P_CLIENT__A_B__WEIGHT", "quoted");
    private static final Map<String, String> FILE =
            Map.of("weir.policy.search.limit", "file", "weir.policy.file.limit", " 5 ", "weir.policy.empty.limit", "");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "weir.policy.search.limit",
                "weir.policy.mail.limit",
                "weir.policy.exact.limit",
                "weir.policy.my-api.limit",
                "weir.policy.p.client.\"a.b\".weight",
                "weir.policy.file.limit",
                "weir.policy.empty.limit",
                "weir.policy.absent.limit"
            })
    void value_isThatOfAnImplementation(String key) {
        Config reference = new SmallRyeConfigBuilder()
                .withSources(new EnvConfigSource(VARIABLES, 300), new PropertiesConfigSource(FILE, "file", 100))
                .build();
        ConfigSource file = new PropertiesConfigSource(FILE, "file", 100);
        Config plain = new PlainConfig(List.of(file, PlainConfig.environment(VARIABLES)));

        assertThat(plain.getConfigValue(key).getValue())
                .isEqualTo(reference.getConfigValue(key).getValue());
        assertThat(plain.getOptionalValue(key, String.class)).isEqualTo(reference.getOptionalValue(key, String.class));
    }

    @Test
    void systemProperty_winsOverTheApplicationsFile_andIsFollowed(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("META-INF/microprofile-config.properties");
        Files.createDirectories(file.getParent());
        Files.writeString(
                file, "weir.policy.plain.limit=3\nweir.policy.plain.period=1h\nweir.config.reload-interval=100ms\n");
        try (URLClassLoader application =
                        new URLClassLoader(new URL[] {directory.toUri().toURL()}, null);
                RateLimits limits = RateLimits.from(PlainConfig.of(application))) {
            assertThat(limits.weir().policy("plain").limit().permits()).isEqualTo(3);

            System.setProperty("weir.policy.plain.limit", "7");

            await().untilAsserted(() -> {
                assertThat(limits.weir().policy("plain").limit().permits()).isEqualTo(7);
                assertThat(limits.sources("weir.policy.plain")).hasSize(2).contains("system properties");
            });
        } finally {
            System.clearProperty("weir.policy.plain.limit");
        }
    }

    @Test
    void expression_isReported_forItHasNoValueHere() {
        Config plain = new PlainConfig(
                List.of(new PropertiesConfigSource(Map.of("weir.policy.p.limit", "${other}"), "file", 100)));

        assertThatThrownBy(() -> RateLimits.from(plain))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "weir.policy.p.limit = '${other}' (PropertiesConfigSource[source=file]): an expression in it has no value");
    }
}

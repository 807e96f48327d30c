package dev.weir.filter;

import dev.weir.filter.config.ConfigFileSource;
import dev.weir.filter.config.ConfigProblems;
import dev.weir.filter.config.KeyCatalog;
import dev.weir.filter.config.Settings;
import dev.weir.filter.config.Sources;
import dev.weir.filter.config.Stores;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** Real configurations, without what this machine's environment adds. */
public final class Configs {

    private Configs() {}

    /** What the application brings, the file, and more. */
    public static Config of(String builtIn, ConfigSource... more) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(map(builtIn), "built-in", 100), new ConfigFileSource())
                .withSources(more)
                .build();
    }

    public static Map<String, String> map(String text) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Map<String, String> map = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> map.put(key, properties.getProperty(key)));
        return map;
    }

    /** Compiles a text; what is wrong goes to {@code problems}. */
    public static Settings compile(String text, ConfigProblems problems) {
        return compile(of(text), problems);
    }

    public static Settings compile(Config config, ConfigProblems problems) {
        Stores stores = Stores.onClassPath();
        Sources sources = new Sources(config, KeyCatalog.with(stores.keys()));
        return Settings.compile(sources.look(), stores, problems);
    }
}

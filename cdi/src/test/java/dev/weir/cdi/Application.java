package dev.weir.cdi;

import jakarta.enterprise.inject.se.SeContainer;
import java.util.Map;
import org.jboss.weld.environment.se.Weld;

/** An application on Weld that has these beans alone, and its configuration in system properties. */
final class Application implements AutoCloseable {

    private final Map<String, String> settings;
    private final SeContainer container;

    private Application(Map<String, String> settings, Class<?>... beans) {
        this.settings = settings;
        settings.forEach(System::setProperty);
        try {
            container = new Weld().disableDiscovery().addBeanClasses(beans).initialize();
        } catch (RuntimeException | Error failed) {
            settings.keySet().forEach(System::clearProperty);
            throw failed;
        }
    }

    static Application start(Map<String, String> settings, Class<?>... beans) {
        return new Application(settings, beans);
    }

    <T> T get(Class<T> bean) {
        return container.select(bean).get();
    }

    @Override
    public void close() {
        try {
            container.close();
        } finally {
            settings.keySet().forEach(System::clearProperty);
        }
    }
}

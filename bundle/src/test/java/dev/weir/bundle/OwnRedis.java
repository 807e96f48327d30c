package dev.weir.bundle;

import dev.weir.filter.RateLimits;
import dev.weir.redisson.RedissonStore;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

// page
public final class OwnRedis implements ServletContextListener {

    private RedissonClient redisson;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        redisson = client();
        event.getServletContext().setAttribute(RateLimits.STORE_ATTRIBUTE, RedissonStore.using(redisson));
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        redisson.shutdown();
    }
    // end

    /** Where the application's Redis is. */
    static final String URI = "dev.weir.bundle.redis";

    private static RedissonClient client() {
        Config config = new Config();
        config.useSingleServer().setAddress(System.getProperty(URI)).setConnectionMinimumIdleSize(1);
        return Redisson.create(config);
    }
}

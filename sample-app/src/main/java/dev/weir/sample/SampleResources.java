package dev.weir.sample;

import dev.weir.filter.admin.AdminFeature;
import dev.weir.sample.dashboard.ActivityResource;
import dev.weir.sample.demo.DemoResource;
import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.server.ResourceConfig;

/**
 * The JAX-RS application. The feature that reads {@code @RateLimited} registers itself; that of administrators never
 * does.
 */
public class SampleResources extends ResourceConfig {

    public SampleResources() {
        super(
                OrdersResource.class,
                TryResource.class,
                HealthResource.class,
                PageResource.class,
                ActivityResource.class,
                DemoResource.class,
                AdminFeature.class,
                JacksonFeature.class);
    }
}

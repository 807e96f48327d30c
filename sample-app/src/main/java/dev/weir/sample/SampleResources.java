package dev.weir.sample;

import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.server.ResourceConfig;

/** The JAX-RS application. It does not mention Weir: the feature that reads {@code @RateLimited} registers itself. */
public class SampleResources extends ResourceConfig {

    public SampleResources() {
        super(OrdersResource.class, TryResource.class, HealthResource.class, PageResource.class, JacksonFeature.class);
    }
}

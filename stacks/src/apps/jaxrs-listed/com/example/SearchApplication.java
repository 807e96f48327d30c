package com.example;

import dev.weir.filter.RateLimitFeature;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** Names the resource and the feature, as any implementation of JAX-RS understands it. */
@ApplicationPath("api")
public class SearchApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(SearchResource.class, RateLimitFeature.class);
    }
}

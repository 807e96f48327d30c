package com.example;

import dev.weir.filter.RateLimitFeature;
import dev.weir.filter.admin.AdminFeature;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** Names the resources and the feature that limits one, which CXF does not find by itself. */
@ApplicationPath("api")
public class SearchApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(SearchResource.class, RateLimitFeature.class, AdminFeature.class);
    }
}

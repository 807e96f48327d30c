package com.example;

import dev.weir.filter.admin.AdminFeature;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** Names the resource and that of administrators; the feature that limits it is found by itself. */
@ApplicationPath("api")
public class SearchApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(SearchResource.class, AdminFeature.class);
    }
}

package com.example;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** Names the resource; the feature that limits it is found by itself. */
@ApplicationPath("api")
public class SearchApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(SearchResource.class);
    }
}

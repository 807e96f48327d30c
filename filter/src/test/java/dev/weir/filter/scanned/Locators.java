package dev.weir.filter.scanned;

import dev.weir.annotation.RateLimited;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** Found by an application that looks for its resources. */
public final class Locators {

    private Locators() {}

    /** A limit that JAX-RS does not report to any feature. */
    @Path("scanned")
    @RateLimited(policy = "three")
    public static class OnlyLocators {

        @Path("child")
        public Child child() {
            return new Child();
        }
    }

    /** What a locator returns, and a resource beside it. */
    @Path("child")
    public static class Child {

        @GET
        public String get() {
            return "child";
        }
    }
}

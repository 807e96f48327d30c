package dev.weir.filter;

import dev.weir.annotation.RateLimitExempt;
import dev.weir.annotation.RateLimited;
import dev.weir.limit.Decisions;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import java.util.concurrent.CompletableFuture;

/** The resources of the tests' JAX-RS application. */
final class Resources {

    private Resources() {}

    @Path("plain")
    public static class Plain {
        @GET
        public String get() {
            return "plain";
        }

        @GET
        @Path("limited")
        @RateLimited(policy = "ten", cost = 4)
        public String limited() {
            return "limited";
        }

        @GET
        @Path("both")
        @RateLimited(policy = "three")
        @RateLimited(policy = "ten", cost = 4)
        public String both() {
            return "both";
        }

        @GET
        @Path("async")
        @RateLimited(policy = "ten")
        public void async(@Suspended AsyncResponse response) {
            CompletableFuture.runAsync(() -> response.resume("async"));
        }

        @GET
        @Path("decisions")
        @RateLimited(policy = "ten")
        public String decisions(@Context ContainerRequestContext request) {
            Decisions decisions = (Decisions) request.getProperty(RateLimitFilter.DECISIONS);
            return decisions.binding().policy();
        }

        @GET
        @Path("failing")
        @RateLimited(policy = "ten")
        public String failing() {
            throw new IllegalStateException("on purpose");
        }
    }

    @Path("class")
    @RateLimited(policy = "three")
    public static class OnClass {
        @GET
        public String get() {
            return "class";
        }

        @GET
        @Path("method")
        @RateLimited(policy = "ten", cost = 5)
        public String method() {
            return "method";
        }

        @GET
        @Path("exempt")
        @RateLimitExempt
        public String exempt() {
            return "exempt";
        }
    }

    /** Inherits the limit of its superclass's class and method. */
    @Path("sub")
    public static class Sub extends OnClass {
        @Override
        public String method() {
            return "overridden";
        }
    }

    @RateLimited(policy = "three")
    public interface Api<T> {
        @GET
        String list();

        @POST
        @Path("{item}")
        @RateLimited(policy = "ten", cost = 3)
        String add(@PathParam("item") T item);
    }

    @Path("interface")
    public static class OfInterface implements Api<Integer> {
        @Override
        public String list() {
            return "list";
        }

        @Override
        public String add(Integer item) {
            return "added " + item;
        }
    }

    @Path("exempt-class")
    @RateLimitExempt
    public static class ExemptClass extends OnClass {
        @Override
        public String get() {
            return "exempt";
        }
    }

    @Path("parent")
    public static class Locator {
        @GET
        public String get() {
            return "parent";
        }

        @Path("child")
        public Child child() {
            return new Child();
        }

        @Path("misspelt")
        public MisspeltChild misspelt() {
            return new MisspeltChild();
        }
    }

    /** A sub-resource. */
    @RateLimited(policy = "three")
    public static class Child {
        @GET
        public String get() {
            return "child";
        }

        @GET
        @Path("more")
        @RateLimited(policy = "two")
        public String more() {
            return "more";
        }
    }

    /** A sub-resource whose error appears only when it is asked for. */
    public static class MisspeltChild {
        @GET
        @RateLimited(policy = "serach")
        public String get() {
            return "never";
        }
    }
}

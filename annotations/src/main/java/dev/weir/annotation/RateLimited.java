package dev.weir.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A request to this resource takes permits: of its client under a policy, or of a bucket that it names.
 *
 * <p>On a method, or on a class or interface for all its resource methods; what stands on a method replaces what stands
 * on its class. Superclasses and interfaces are searched like those of JAX-RS's own annotations. Several of them on one
 * place are decided together: the request is charged under every policy, or, if one rejects it, under none.
 *
 * <pre>{@code
 * @GET
 * @RateLimited(policy = "search", cost = 5)
 * public Results search(@QueryParam("q") String query) ...
 * }</pre>
 */
@Documented
@Inherited
@Repeatable(RateLimited.List.class)
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface RateLimited {

    /**
     * The name of the policy; {@code default} if neither it nor a {@link #bucket} is given. The application does not
     * start if there is none of this name.
     */
    String policy() default "";

    /**
     * By what a request names the bucket that it takes permits from, one that was created at run time:
     * {@code header:NAME}, {@code cookie:NAME}, {@code principal}, or {@code class:NAME} for a resolver of the
     * application's own. Beside a policy, here or in another annotation, the request is charged under both, or on none.
     * None if not given.
     *
     * <p>A request that names no bucket is answered 400, and one whose bucket does not exist 404.
     */
    String bucket() default "";

    /**
     * The permits that a request takes: at least 1, and at most the capacity of the policy, or of its action or
     * sub-bucket if they are named, or the application does not start. From a bucket whose burst is less, such a
     * request never gets them.
     */
    long cost() default 1;

    /**
     * What the client is doing: it counts on its own if the policy has a limit for it
     * ({@code weir.policy.P.action.A.limit}), and on the policy otherwise. Nothing in particular if not given.
     */
    String action() default "";

    /**
     * The index, from 0, of the sub-bucket to take from; one is drawn for each request if not given and the client's
     * limit is split. The application does not start if the policy is not split, or has no such sub-bucket. A client
     * whose own split has fewer is permitted nothing there.
     */
    int subBucket() default DRAWN;

    /**
     * The {@link #subBucket} that is none: one is drawn for each request. A number, because the value of an annotation
     * cannot be absent.
     */
    int DRAWN = -1;

    /** Holds several {@link RateLimited} of one place; written by the compiler. */
    @Documented
    @Inherited
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.TYPE, ElementType.METHOD})
    @interface List {

        /** The annotations, in the order written. */
        RateLimited[] value();
    }
}

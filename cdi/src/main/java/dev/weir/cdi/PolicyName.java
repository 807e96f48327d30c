package dev.weir.cdi;

import dev.weir.RateLimiter;
import jakarta.enterprise.util.Nonbinding;
import jakarta.inject.Qualifier;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the policy of an injected {@link RateLimiter}:
 *
 * <pre>{@code
 * @Inject
 * @PolicyName("search")
 * RateLimiter search;
 * }</pre>
 *
 * The application does not start if there is no such policy, and no reload of the configuration takes it away.
 */
@Qualifier @Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.METHOD})
public @interface PolicyName {

    /** The name, as in {@code weir.policy.search.limit}. */
    @Nonbinding
    String value();
}

package dev.weir.cdi;

import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.build.compatible.spi.Parameters;
import jakarta.enterprise.inject.build.compatible.spi.SyntheticBeanCreator;
import java.util.List;

/** Makes the bean of what {@link WeirExtension} has found, which may have been in another process. */
public final class InjectedPoliciesCreator implements SyntheticBeanCreator<InjectedPolicies> {

    static final String POLICIES = "policies";
    static final String PLACES = "places";

    /** For the container. */
    public InjectedPoliciesCreator() {}

    @Override
    public InjectedPolicies create(Instance<Object> lookup, Parameters params) {
        return new InjectedPolicies(
                List.of(params.get(POLICIES, String[].class)), List.of(params.get(PLACES, String[].class)));
    }
}

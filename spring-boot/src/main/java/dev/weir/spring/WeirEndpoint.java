package dev.weir.spring;

import dev.weir.filter.RateLimits;
import dev.weir.filter.admin.EffectivePolicies;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** The endpoint {@code weir}: the policies in force on this instance, and the store. It changes nothing. */
@Endpoint(id = "weir")
final class WeirEndpoint {

    private final RateLimits limits;

    WeirEndpoint(RateLimits limits) {
        this.limits = limits;
    }

    @ReadOperation
    Map<String, Object> report() {
        EffectivePolicies effective = new EffectivePolicies(limits);
        Map<String, Object> fields = new LinkedHashMap<>(new StoreReport(limits.weir()).fields());
        fields.put("waiting", limits.weir().waiting());
        fields.put("policies", effective.policies());
        fields.put("pools", effective.pools());
        return fields;
    }
}

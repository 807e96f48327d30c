package dev.weir.cdi;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.jspecify.annotations.Nullable;

/** The application's registry of MicroProfile Metrics. */
@Dependent
class MicroProfileRegistry implements ApplicationMetrics {

    private final Instance<MetricRegistry> registries;

    @Inject
    MicroProfileRegistry(Instance<MetricRegistry> registries) {
        this.registries = registries;
    }

    @Override
    public int rank() {
        return 1;
    }

    @Override
    public @Nullable Object registry() {
        return registries.isUnsatisfied() ? null : registries.get();
    }
}

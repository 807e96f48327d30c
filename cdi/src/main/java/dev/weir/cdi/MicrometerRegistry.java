package dev.weir.cdi;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** The application's registry of Micrometer. */
@Dependent
class MicrometerRegistry implements ApplicationMetrics {

    private final Instance<MeterRegistry> registries;

    @Inject
    MicrometerRegistry(Instance<MeterRegistry> registries) {
        this.registries = registries;
    }

    @Override
    public int rank() {
        return 2;
    }

    @Override
    public @Nullable Object registry() {
        return registries.isUnsatisfied() ? null : registries.get();
    }
}

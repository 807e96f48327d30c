package dev.weir.cdi;

import org.jspecify.annotations.Nullable;

/** Where an application that has a registry of metrics as a bean keeps its metrics. */
interface ApplicationMetrics {

    /** The least is asked first. */
    int rank();

    /** Null if there is no such bean. */
    @Nullable Object registry();
}

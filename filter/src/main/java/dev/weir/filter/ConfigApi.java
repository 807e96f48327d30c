package dev.weir.filter;

/** Whether the API that limits are read through is there. {@link RateLimits} cannot even be loaded without it. */
final class ConfigApi {

    private static final String NAME = "org.eclipse.microprofile.config.Config";

    private ConfigApi() {}

    /** @throws IllegalStateException if it is not on the class path */
    static void require() {
        try {
            Class.forName(NAME, false, ConfigApi.class.getClassLoader());
        } catch (ClassNotFoundException absent) {
            throw new IllegalStateException(
                    "limits are read through the API of MicroProfile Config, which is not on the class path: add"
                            + " org.eclipse.microprofile.config:microprofile-config-api; an implementation is not"
                            + " needed",
                    absent);
        }
    }
}

package dev.weir.filter;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.security.Principal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to a resource where JAX-RS runs without a servlet container. The fields of its response are kept with it
 * until there is one.
 */
record ResourceExchange(ContainerRequestContext context) implements Exchange {

    private static final String FIELDS = "dev.weir.filter.fields";

    /** The fields that were set for the response to a request, by name. */
    static Map<String, String> fields(ContainerRequestContext context) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (context.getProperty(FIELDS) instanceof Map<?, ?> kept) {
            kept.forEach((name, value) -> fields.put((String) name, (String) value));
        }
        return fields;
    }

    @Override
    public List<String> headers(String name) {
        List<String> lines = context.getHeaders().get(name);
        return lines == null ? List.of() : lines;
    }

    /** Read from the header, for JAX-RS knows only one cookie of a name. */
    @Override
    public List<String> cookies(String name) {
        return headers(HttpHeaders.COOKIE).stream()
                .flatMap(line -> Arrays.stream(line.split(";")))
                .map(String::strip)
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> unquoted(pair.substring(name.length() + 1)))
                .toList();
    }

    private static String unquoted(String value) {
        boolean isQuoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return isQuoted ? value.substring(1, value.length() - 1) : value;
    }

    @Override
    public Optional<String> principal() {
        return Optional.ofNullable(context.getSecurityContext())
                .flatMap(security -> Optional.ofNullable(security.getUserPrincipal()))
                .map(Principal::getName);
    }

    /** JAX-RS does not say it. */
    @Override
    public Optional<String> address() {
        return Optional.empty();
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return type.isInstance(context) ? Optional.of(type.cast(context)) : Optional.empty();
    }

    @Override
    public boolean isAnswer() {
        return false;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return context.getProperty(name);
    }

    @Override
    public void setAttribute(String name, Object value) {
        context.setProperty(name, value);
    }

    @Override
    public void removeAttribute(String name) {
        context.removeProperty(name);
    }

    @Override
    public void setField(String name, String value) {
        Map<String, String> fields = fields(context);
        fields.put(name, value);
        context.setProperty(FIELDS, fields);
    }
}

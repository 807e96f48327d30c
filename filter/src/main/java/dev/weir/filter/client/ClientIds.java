package dev.weir.filter.client;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Asks one resolver after another who a request's client is. The address is always the last: a client without an
 * id is limited too.
 *
 * <p>Ids of different resolvers never collide, or a client without credentials could use up the permits of one who has
 * them:
 *
 * <ul>
 *   <li>the first of the order speaks plain ids, as configuration and administrators write them: {@code alice};
 *   <li>those after it put their own name in front, as {@code cookie:sid:0a1b}: where the principal is asked first and
 *       a header next, no client becomes the principal {@code alice} by sending that header;
 *   <li>an address is plain, {@code 192.0.2.7} or {@code 2001:db8:0:7::/64}, and {@link IdText} lets no other id
 *       look like one.
 * </ul>
 *
 * <p>A header or cookie that is given twice with different values names no client: which of the two was checked
 * on the way here cannot be known.
 *
 * @param order the resolvers that are asked before the address, first to last
 * @param address the last resolver, which always answers
 * @param namesAddress whether the configuration names the address as what tells clients from each other, and does not
 *     only imply it for requests that show nothing else
 */
public record ClientIds(List<ClientIdResolver> order, AddressResolver address, boolean namesAddress)
        implements ClientIdResolver {

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final String ALLOWED =
            "allowed are principal, header:NAME, cookie:NAME, class:NAME and address, separated by commas, address"
                    + " last";

    public ClientIds {
        order = List.copyOf(order);
    }

    /**
     * The resolver that a configuration describes; it never answers empty.
     *
     * @param order the resolvers to ask, first to last: {@code principal}, {@code header:NAME}, {@code cookie:NAME},
     *     {@code class:NAME}, {@code address}; an address at the end is implied
     * @param trustedProxies addresses and CIDR blocks, separated by commas; may be empty
     * @param forwardedHeader {@code X-Forwarded-For} or {@code Forwarded}
     * @throws IllegalArgumentException if one of them cannot be read; the message names the part and what is allowed
     */
    public static ClientIds parse(String order, String trustedProxies, String forwardedHeader) {
        AddressResolver address =
                new AddressResolver(TrustedProxies.parse(trustedProxies), ForwardedField.parse(forwardedHeader));
        List<ClientIdResolver> resolvers = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String part : order.split(",", -1)) {
            String name = part.strip();
            if (seen.contains("address")) {
                throw new IllegalArgumentException(
                        "'%s' stands after address and would never be asked; %s".formatted(name, ALLOWED));
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("'%s' is named twice; %s".formatted(name, ALLOWED));
            }
            if (!name.equals("address")) {
                resolvers.add(named(name, resolvers.isEmpty()));
            }
        }
        return new ClientIds(resolvers, address, seen.contains("address"));
    }

    private static ClientIdResolver named(String name, boolean first) {
        Function<ClientRequest, Optional<String>> value = value(name)
                .orElseThrow(() ->
                        new IllegalArgumentException("'%s' does not say who a client is; %s".formatted(name, ALLOWED)));
        IdText text = new IdText(name, first);
        return request -> value.apply(request).map(text::id);
    }

    /**
     * What a request says about {@code principal}, {@code header:NAME}, {@code cookie:NAME} or {@code class:NAME};
     * empty if the name is none of them.
     *
     * @throws IllegalArgumentException if there is no such class, or it is no resolver
     */
    public static Optional<Function<ClientRequest, Optional<String>>> value(String name) {
        if (name.equals("principal")) {
            return Optional.of(request -> only(request.principal().stream().iterator()));
        }
        String field = name.substring(name.indexOf(':') + 1);
        if (name.startsWith("header:") && TOKEN.matcher(field).matches()) {
            return Optional.of(request -> only(request.headers(field).iterator()));
        }
        if (name.startsWith("cookie:") && TOKEN.matcher(field).matches()) {
            return Optional.of(request -> only(request.cookies(field).iterator()));
        }
        if (name.startsWith("class:")) {
            ClientIdResolver resolver = resolver(field);
            return Optional.of(
                    request -> only(answer(resolver, request).stream().iterator()));
        }
        return Optional.empty();
    }

    /** A resolver of the application's own. */
    private static ClientIdResolver resolver(String className) {
        try {
            // Nothing of a class runs before it is known to be a resolver.
            return Class.forName(className, false, Thread.currentThread().getContextClassLoader())
                    .asSubclass(ClientIdResolver.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
            Throwable cause = e instanceof InvocationTargetException && e.getCause() != null ? e.getCause() : e;
            throw new IllegalArgumentException(
                    "'class:%s' must be a public class with a public constructor without parameters that implements %s: %s"
                            .formatted(className, ClientIdResolver.class.getName(), cause),
                    e);
        }
    }

    /** One that answers null, as Java's older interfaces do, has no id for the request. */
    private static Optional<String> answer(ClientIdResolver resolver, ClientRequest request) {
        return Objects.requireNonNullElse(resolver.resolve(request), Optional.empty());
    }

    /** The one value that is given, however often; empty if there is none, or another beside it. */
    private static Optional<String> only(Iterator<String> values) {
        String only = "";
        while (values.hasNext()) {
            String value = values.next().strip();
            if (!only.isEmpty() && !value.isEmpty() && !value.equals(only)) {
                return Optional.empty();
            }
            only = value.isEmpty() ? only : value;
        }
        return only.isEmpty() ? Optional.empty() : Optional.of(only);
    }

    @Override
    public Optional<String> resolve(ClientRequest request) {
        for (ClientIdResolver resolver : order) {
            Optional<String> id = resolver.resolve(request);
            if (id.isPresent()) {
                return id;
            }
        }
        return address.resolve(request);
    }

    /**
     * The id that a request has where only its address counts: what {@code weir.client-id=address} would call it.
     *
     * @param peer the address of the socket's peer, as text; empty if it is not known
     * @param headers the values of all lines of a header field, by its name
     */
    public String ofAddress(Optional<String> peer, Function<String, List<String>> headers) {
        return address.id(peer, headers);
    }
}

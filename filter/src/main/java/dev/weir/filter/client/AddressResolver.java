package dev.weir.filter.client;

import inet.ipaddr.IPAddress;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The address that a request comes from, as far as it can be believed: the socket's peer, or, if that is a trusted
 * proxy, the right-most hop that is not. A hop that cannot be read ends the walk at the last proxy known; so does a
 * chain longer than any real one. Never empty, and never asks a name server.
 *
 * @param trusted whose word is believed
 * @param field where they leave it; the other field is ignored
 */
record AddressResolver(TrustedProxies trusted, ForwardedField field) implements ClientIdResolver {

    private static final int MOST_HOPS = 64;

    @Override
    public Optional<String> resolve(ClientRequest request) {
        return Optional.of(id(request.address(), request::headers));
    }

    /**
     * The id of a request's address.
     *
     * @param peer the socket's peer; empty if it is not known
     * @param headers the lines of a header field, by its name
     */
    String id(Optional<String> peer, Function<String, List<String>> headers) {
        return peer.flatMap(Addresses::parseNode)
                .map(address -> Addresses.id(origin(address, headers)))
                .orElse(IdText.UNKNOWN_ADDRESS);
    }

    private IPAddress origin(IPAddress peer, Function<String, List<String>> headers) {
        IPAddress origin = peer;
        if (!trusted.contains(origin)) {
            return origin;
        }
        Iterator<String> hops = new ReverseListReader(headers.apply(field.fieldName()));
        for (int i = 0; i < MOST_HOPS && hops.hasNext() && trusted.contains(origin); i++) {
            Optional<IPAddress> hop = field.address(hops.next());
            if (hop.isEmpty()) {
                return origin;
            }
            origin = hop.get();
        }
        return origin;
    }
}

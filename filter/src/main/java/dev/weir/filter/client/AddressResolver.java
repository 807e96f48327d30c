package dev.weir.filter.client;

import inet.ipaddr.IPAddress;
import java.util.Iterator;
import java.util.Optional;

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
        return Optional.of(request.address()
                .flatMap(Addresses::parseNode)
                .map(peer -> Addresses.id(origin(peer, request)))
                .orElse(IdText.UNKNOWN_ADDRESS));
    }

    private IPAddress origin(IPAddress peer, ClientRequest request) {
        IPAddress origin = peer;
        if (!trusted.contains(origin)) {
            return origin;
        }
        Iterator<String> hops = new ReverseListReader(request.headers(field.fieldName()));
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

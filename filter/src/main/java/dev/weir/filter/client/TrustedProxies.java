package dev.weir.filter.client;

import inet.ipaddr.IPAddress;
import java.util.ArrayList;
import java.util.List;

/** The proxies whose word about a client's address is believed. */
record TrustedProxies(List<IPAddress> blocks) {

    /** @throws IllegalArgumentException if a part is neither an address nor a block */
    static TrustedProxies parse(String commaSeparated) {
        List<IPAddress> blocks = new ArrayList<>();
        if (!commaSeparated.isBlank()) {
            for (String part : commaSeparated.split(",", -1)) {
                blocks.add(block(part.strip()));
            }
        }
        return new TrustedProxies(List.copyOf(blocks));
    }

    private static IPAddress block(String part) {
        return Addresses.parseBlock(part)
                .orElseThrow(() -> new IllegalArgumentException("'" + part
                        + "' is not a proxy that can be trusted; allowed are IP addresses and CIDR blocks without host"
                        + " bits, as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32, separated by commas"));
    }

    boolean contains(IPAddress address) {
        for (IPAddress block : blocks) {
            if (block.contains(address)) {
                return true;
            }
        }
        return false;
    }
}

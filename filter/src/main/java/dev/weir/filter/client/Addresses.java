package dev.weir.filter.client;

import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads IP addresses as they are written in headers and configuration. Literals only: nothing here ever asks a name
 * server.
 */
public final class Addresses {

    /** Longer than any literal with its zone and port; what is longer is not worth a parser's time. */
    private static final int LONGEST = 80;

    private static final Pattern PORT = Pattern.compile("(:[0-9]{1,5}|:_[A-Za-z0-9._-]{1,32})?");
    private static final int IPV6_SITE_BITS = 64;
    private static final IPAddressStringParameters STRICT = strict(false);
    private static final IPAddressStringParameters STRICT_BLOCK = strict(true);

    private Addresses() {}

    /**
     * The strict forms alone: {@code 010.0.0.1}, {@code 10.1} and {@code 0x7f000001} mean different things to different
     * readers.
     */
    private static IPAddressStringParameters strict(boolean prefix) {
        IPAddressStringParameters.Builder builder = new IPAddressStringParameters.Builder()
                .allowEmpty(false)
                .allowAll(false)
                .allowSingleSegment(false)
                .allowPrefix(prefix)
                .allowPrefixOnly(false)
                .allowMask(false)
                .allowWildcardedSeparator(false)
                .setRangeOptions(RangeParameters.NO_RANGE)
                .allow_inet_aton(false);
        builder.getIPv4AddressParametersBuilder().allowLeadingZeros(false).allowBinary(false);
        builder.getIPv6AddressParametersBuilder()
                .allowZone(false)
                .allowBase85(false)
                .allowBinary(false);
        return builder.toParams();
    }

    /** An address without port; a zone is dropped, an IPv4 address in IPv6's clothes undressed. */
    public static Optional<IPAddress> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        int zone = text.indexOf(':') < 0 ? -1 : text.indexOf('%');
        String literal = zone < 0 ? text : text.substring(0, zone);
        return Optional.ofNullable(new IPAddressString(literal, STRICT).getAddress())
                .map(Addresses::unmapped);
    }

    /**
     * An address or a CIDR block; the block must have no bits beside its prefix, or it is unclear what was meant, and
     * be written as IPv4 if it is.
     */
    static Optional<IPAddress> parseBlock(String text) {
        return Optional.ofNullable(new IPAddressString(text, STRICT_BLOCK).getAddress())
                .filter(address -> !address.isPrefixed() || (address.isPrefixBlock() && !isMapped(address)))
                .map(Addresses::unmapped);
    }

    /** A node of {@code Forwarded} or {@code X-Forwarded-For}: an address, bracketed or not, with a port or without. */
    static Optional<IPAddress> parseNode(String node) {
        if (node.length() > LONGEST) {
            return Optional.empty();
        }
        if (node.startsWith("[")) {
            int end = node.indexOf(']');
            String literal = node.substring(1, Math.max(1, end));
            boolean bracketed = literal.indexOf(':') >= 0 && isPort(node.substring(end + 1));
            return bracketed ? parse(literal) : Optional.empty();
        }
        int colon = node.indexOf(':');
        boolean port = colon >= 0 && colon == node.lastIndexOf(':');
        if (port && !isPort(node.substring(colon))) {
            return Optional.empty();
        }
        return parse(port ? node.substring(0, colon) : node);
    }

    private static boolean isPort(String text) {
        return PORT.matcher(text).matches();
    }

    /** The client id of an address: IPv6 by its /64, which is what one customer has for himself. */
    public static String id(IPAddress address) {
        return address.isIPv6()
                ? address.toIPv6().toPrefixBlock(IPV6_SITE_BITS).toCanonicalString()
                : address.toCanonicalString();
    }

    private static IPAddress unmapped(IPAddress address) {
        return isMapped(address) ? address.toIPv6().getEmbeddedIPv4Address() : address;
    }

    private static boolean isMapped(IPAddress address) {
        return address.isIPv6() && address.toIPv6().isIPv4Mapped();
    }
}

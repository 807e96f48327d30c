package dev.weir.filter.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.StubRequest;
import java.util.Locale;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However a proxy spells an address, it is one client; what readers read differently is no address. */
class AddressSpellingsTest {

    private static final String PROXY = "10.0.0.1";
    private static final ClientIdResolver X_FORWARDED_FOR = ClientIds.parse("address", PROXY, "X-Forwarded-For");
    private static final ClientIdResolver FORWARDED = ClientIds.parse("address", PROXY, "Forwarded");

    @Property
    void ipv4_inEachSpelling_isOneClient(
            @ForAll int address, @ForAll("ports") String port, @ForAll("elements") String element) {
        String dotted = dotted(address, "%d.%d.%d.%d");
        String mapped = "::ffff:%x:%x".formatted(address >>> 16, address & 0xffff);

        Stream.of(
                        dotted + port,
                        "::FFFF:" + dotted,
                        mapped,
                        "[::ffff:" + dotted + "]" + port,
                        "[" + mapped + "]" + port)
                .forEach(spelling -> assertIsClient(dotted, spelling, element));
    }

    @Property
    void ipv6_inEachSpelling_isOneClient(
            @ForAll long site, @ForAll long host, @ForAll("ports") String port, @ForAll("elements") String element) {
        long global = site | 1L << 61; // Not that of an IPv4 address.
        String full = "%s:%s".formatted(groups(global, "%04x"), groups(host, "%04x"));
        String brief = "%s:%s".formatted(groups(global, "%x"), groups(host, "%x"));
        String client = ofXForwardedFor("%s::".formatted(groups(global, "%x")));

        assertThat(client).endsWith("/64").isNotEqualTo(PROXY);
        Stream.of(full, brief, full.toUpperCase(Locale.ROOT), brief + "%eth0", "[" + brief + "]" + port)
                .forEach(spelling -> assertIsClient(client, spelling, element));
    }

    /** 010.0.0.1 is 8.0.0.1 for some, and 10.0.0.1 for others. */
    @Property
    void ipv4_octalOrHexadecimalOrShort_isNoAddress(@ForAll int address, @ForAll("ports") String port) {
        Stream.of(
                        dotted(address, "0%o.%d.%d.%d"),
                        dotted(address, "%d.%d.%d.0x%x"),
                        Long.toString(address & 0xffff_ffffL),
                        "0x%08x".formatted(address),
                        "%d.%d".formatted(address >>> 24, address & 0xff_ffff))
                .forEach(spelling -> assertIsClient(PROXY, spelling + port, "for=\"%s\""));
    }

    private static String dotted(int address, String form) {
        return form.formatted(address >>> 24, address >>> 16 & 0xff, address >>> 8 & 0xff, address & 0xff);
    }

    private static String groups(long half, String form) {
        return "%s:%s:%s:%s"
                .replace("%s", form)
                .formatted(half >>> 48, half >>> 32 & 0xffff, half >>> 16 & 0xffff, half & 0xffff);
    }

    private static void assertIsClient(String client, String spelling, String element) {
        assertThat(ofXForwardedFor(spelling)).as(spelling).isEqualTo(client);
        String forwarded = element.formatted(spelling);
        assertThat(new StubRequest().peer(PROXY).header("Forwarded", forwarded).id(FORWARDED))
                .as(forwarded)
                .isEqualTo(client);
    }

    private static String ofXForwardedFor(String hop) {
        return new StubRequest().peer(PROXY).header("X-Forwarded-For", hop).id(X_FORWARDED_FOR);
    }

    @Provide
    Arbitrary<String> ports() {
        return Arbitraries.of("", ":0", ":80", ":65535", ":_hidden", ":_a.b-c_1");
    }

    /** Of {@code Forwarded}, with an address in it. */
    @Provide
    Arbitrary<String> elements() {
        return Arbitraries.of(
                "for=\"%s\"",
                "FOR=\"%s\"",
                " For=\"%s\" ",
                "for=\"%s\";by=203.0.113.43;proto=https;host=\"shop.example, other\"",
                "by=_gateway;host=shop.example:8080;for=\"%s\"",
                "proto=http; by=\"[2001:db8::9]:443\"; for=\"%s\"; ext=\"a\\\"b\"",
                "for=%s");
    }
}

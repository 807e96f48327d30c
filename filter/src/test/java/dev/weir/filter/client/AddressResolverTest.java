package dev.weir.filter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.weir.filter.StubRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose address counts. Proxies are 10.0.0.0/8, 127.0.0.1 and 2001:db8:ffff::/48. */
class AddressResolverTest {

    private static final String PROXIES = "10.0.0.0/8, 127.0.0.1,2001:db8:ffff::/48";
    private static final ClientIdResolver X_FORWARDED_FOR = ClientIds.parse("address", PROXIES, "X-Forwarded-For");
    private static final ClientIdResolver FORWARDED = ClientIds.parse("address", PROXIES, "Forwarded");

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "2001:db8:0:7:1:2:3:4, 2001:db8:0:7::/64",
        "2001:DB8:0:7:ffff::1, 2001:db8:0:7::/64",
        "2001:0db8:0000:0007::, 2001:db8:0:7::/64",
        "::1, ::/64",
        "::1%lo, ::/64",
        "fe80::1%eth0, fe80::/64",
        "fe80::1%25, fe80::/64",
        "::ffff:192.0.2.7, 192.0.2.7",
        "::ffff:c000:0207, 192.0.2.7",
        "[2001:db8::1], 2001:db8::/64",
    })
    void peer_isWrittenInOneForm(String peer, String id) {
        assertThat(new StubRequest().peer(peer).id(X_FORWARDED_FOR)).isEqualTo(id);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                " ",
                "localhost",
                "@",
                "unix:/run/app.sock",
                "010.0.0.1",
                "10.1",
                "0x7f000001",
                "*",
                "1.2.3.4/8"
            })
    void peerWithoutAnAddress_hasAnIdOfItsOwn(String peer) {
        assertThat(new StubRequest().peer(peer).id(X_FORWARDED_FOR)).isEqualTo("address:unknown");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the peer is not trusted: its word counts nothing | 192.0.2.1 | 198.51.100.1 | 192.0.2.1",
                "one proxy | 10.0.0.1 | 198.51.100.1 | 198.51.100.1",
                "forged hops on the left are not looked at | 10.0.0.1 | 1.1.1.1, 10.9.9.9, 198.51.100.1 | 198.51.100.1",
                "a chain of proxies | 10.0.0.1 | 198.51.100.1, 10.0.0.3, 10.0.0.2 | 198.51.100.1",
                "nothing but proxies: the one that is farthest | 10.0.0.1 | 10.0.0.3, 10.0.0.2 | 10.0.0.3",
                "garbage on the left is not reached | 10.0.0.1 | 'x\"\", 198.51.100.1' | 198.51.100.1",
                "garbage ends the walk | 10.0.0.1 | 198.51.100.1, nonsense, 10.0.0.2 | 10.0.0.2",
                "an empty element is garbage | 10.0.0.1 | 198.51.100.1, , 10.0.0.2 | 10.0.0.2",
                "an empty end is garbage | 10.0.0.1 | '198.51.100.1,' | 10.0.0.1",
                "an empty begin is garbage | 10.0.0.1 | ', 10.0.0.2' | 10.0.0.2",
                "unknown ends the walk | 10.0.0.1 | 198.51.100.1, unknown | 10.0.0.1",
                "a name is never looked up | 10.0.0.1 | localhost | 10.0.0.1",
                "no octal | 10.0.0.1 | 0300.0.2.1 | 10.0.0.1",
                "no short form | 10.0.0.1 | 127.1 | 10.0.0.1",
                "no block | 10.0.0.1 | 198.51.100.0/24 | 10.0.0.1",
                "no wildcard | 10.0.0.1 | 198.51.100.* | 10.0.0.1",
                "a port is dropped | 10.0.0.1 | 198.51.100.1:4711 | 198.51.100.1",
                "a port that is none is garbage | 10.0.0.1 | 198.51.100.1:x | 10.0.0.1",
                "IPv6 | 10.0.0.1 | 2001:db8:0:7::9 | 2001:db8:0:7::/64",
                "IPv6 with a port | 10.0.0.1 | [2001:db8:0:7::9]:4711 | 2001:db8:0:7::/64",
                "a bracket left open | 10.0.0.1 | [2001:db8:0:7::9 | 10.0.0.1",
                "something behind the bracket | 10.0.0.1 | [2001:db8:0:7::9]x | 10.0.0.1",
                "mapped, in brackets | 10.0.0.1 | [::ffff:198.51.100.1]:80 | 198.51.100.1",
                "IPv4 in brackets | 10.0.0.1 | [198.51.100.1] | 10.0.0.1",
                "a proxy in IPv6's clothes | ::ffff:10.0.0.1 | ::ffff:198.51.100.1 | 198.51.100.1",
                "a proxy with IPv6 | 2001:db8:ffff::1 | 198.51.100.1, 2001:db8:ffff:1::2 | 198.51.100.1",
                "no white space at all | 127.0.0.1 | 1.1.1.1,198.51.100.1,10.0.0.2 | 198.51.100.1",
                "tabs | 127.0.0.1 | '1.1.1.1,\t198.51.100.1\t' | 198.51.100.1",
                "empty | 10.0.0.1 | '' | 10.0.0.1",
            })
    void xForwardedFor(String why, String peer, String header, String id) {
        assertThat(new StubRequest()
                        .peer(peer)
                        .header("X-Forwarded-For", header)
                        .header("Forwarded", "for=203.0.113.99")
                        .id(X_FORWARDED_FOR))
                .as(why)
                .isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "plain | for=198.51.100.1 | 198.51.100.1",
                "with all the rest | for=198.51.100.1;proto=https;by=10.0.0.1;host=example.org | 198.51.100.1",
                "for stands last, names are in any case | Proto=https;FOR=198.51.100.1 | 198.51.100.1",
                "quoted | for=\"198.51.100.1\" | 198.51.100.1",
                "quoted with a port | for=\"198.51.100.1:4711\" | 198.51.100.1",
                "an obfuscated port | for=\"198.51.100.1:_p0rt\" | 198.51.100.1",
                "quoted IPv6 | for=\"[2001:db8:0:7::9]\" | 2001:db8:0:7::/64",
                "quoted IPv6 with a port | for=\"[2001:db8:0:7::9]:4711\" | 2001:db8:0:7::/64",
                "unquoted IPv6, which is common | for=[2001:db8:0:7::9]:4711 | 2001:db8:0:7::/64",
                "unquoted port, which is common | for=198.51.100.1:80 | 198.51.100.1",
                "escaped | for=\"198.51.\\100.1\" | 198.51.100.1",
                "forged hops | for=1.1.1.1, for=198.51.100.1, for=10.0.0.2 | 198.51.100.1",
                "a comma in quotes | for=198.51.100.1;host=\"a,for=1.1.1.1\", for=10.0.0.2 | 198.51.100.1",
                "an escaped quote | for=198.51.100.1;host=\"a\\\",for=1.1.1.1\", for=10.0.0.2 | 198.51.100.1",
                "a quote left open on the left swallows nothing | for=\"1.1.1.1, for=198.51.100.1 | 198.51.100.1",
                "nor an escaped one | for=\"1.1.1.1\\, for=198.51.100.1 | 198.51.100.1",
                "unknown | for=198.51.100.1, for=unknown | 10.0.0.1",
                "obfuscated | for=198.51.100.1, for=_hidden, for=10.0.0.2 | 10.0.0.2",
                "no for | for=198.51.100.1, proto=https | 10.0.0.1",
                "for twice | for=198.51.100.1;for=198.51.100.2 | 10.0.0.1",
                "no value | for= | 10.0.0.1",
                "no name | 198.51.100.1 | 10.0.0.1",
                "space around the equals sign | for = 198.51.100.1 | 10.0.0.1",
                "garbage behind | for=198.51.100.1 x | 10.0.0.1",
                "empty | ~~ | 10.0.0.1",
            })
    void forwarded(String why, String header, String id) {
        assertThat(new StubRequest()
                        .peer("10.0.0.1")
                        .header("Forwarded", header)
                        .header("X-Forwarded-For", "203.0.113.99")
                        .id(FORWARDED))
                .as(why)
                .isEqualTo(id);
    }

    @Test
    void severalLines_areOneList_inTheOrderReceived() {
        assertThat(new StubRequest()
                        .peer("10.0.0.1")
                        .header("X-Forwarded-For", "1.1.1.1, 198.51.100.1")
                        .header("x-forwarded-for", "10.0.0.3")
                        .header("X-Forwarded-For", "10.0.0.2")
                        .id(X_FORWARDED_FOR))
                .isEqualTo("198.51.100.1");
    }

    @Test
    void lineThatBeginsWithAComma_hasAnEmptyElement_whichEndsTheWalk() {
        assertThat(new StubRequest()
                        .peer("10.0.0.1")
                        .header("X-Forwarded-For", "198.51.100.1")
                        .header("X-Forwarded-For", ", 10.0.0.2")
                        .id(X_FORWARDED_FOR))
                .isEqualTo("10.0.0.2");
    }

    @Test
    void withoutTrustedProxies_nobodysWordCounts() {
        ClientIdResolver nobody = ClientIds.parse("address", " ", "X-Forwarded-For");
        assertThat(new StubRequest().header("X-Forwarded-For", "198.51.100.1").id(nobody))
                .isEqualTo("192.0.2.1");
    }

    @Test
    void everybodyTrusted_isAnsweredByTheFarthest() {
        ClientIdResolver all = ClientIds.parse("address", "0.0.0.0/0, ::/0", "X-Forwarded-For");
        assertThat(new StubRequest()
                        .header("X-Forwarded-For", "198.51.100.1, 2001:db8::1")
                        .id(all))
                .isEqualTo("198.51.100.1");
    }

    @Test
    void aChainLongerThanAnyRealOne_endsTheWalk() {
        String hops = "198.51.100.1" + ", 10.0.0.2".repeat(6_500);
        assertThat(new StubRequest()
                        .peer("10.0.0.1")
                        .header("X-Forwarded-For", hops)
                        .id(X_FORWARDED_FOR))
                .isEqualTo("10.0.0.2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {",", "\"", "\\\"", "\\", "for=\"", "for=10.0.0.2,", "for=\"\\a\";", "a=b;", "[", ":", "1", " "})
    void hugeHeaders_areReadInNoTime(String part) {
        String huge = part.repeat(65_536 / part.length());
        for (ClientIdResolver resolver : new ClientIdResolver[] {X_FORWARDED_FOR, FORWARDED}) {
            StubRequest request = new StubRequest()
                    .peer("10.0.0.1")
                    .header("X-Forwarded-For", huge)
                    .header("Forwarded", huge);
            assertTimeout(Duration.ofSeconds(2), () -> {
                for (int i = 0; i < 20; i++) {
                    assertThat(request.id(resolver)).startsWith("10.0.0.");
                }
            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.1/8 | '10.0.0.1/8' is not a proxy that can be trusted; allowed are IP addresses and CIDR blocks without host bits",
                "10.0.0.0/33 | '10.0.0.0/33'",
                "10.0.0.0/8,, 127.0.0.1 | '' is not a proxy",
                "proxy.example.org | 'proxy.example.org'",
                "10.*.*.* | '10.*.*.*'",
                "10.0.0.0-255 | '10.0.0.0-255'",
                "::ffff:10.0.0.0/104 | '::ffff:10.0.0.0/104'",
                "fe80::1%eth0 | 'fe80::1%eth0'",
            })
    void proxiesThatCannotBeRead_areRefused(String proxies, String message) {
        assertThatThrownBy(() -> ClientIds.parse("address", proxies, "Forwarded"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void otherHeaders_areRefused() {
        assertThatThrownBy(() -> ClientIds.parse("address", "", "X-Real-IP"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'X-Real-IP' is not a header that tells a client's address;"
                        + " allowed are X-Forwarded-For and Forwarded");
    }
}

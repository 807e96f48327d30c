package dev.weir.filter.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.StubRequest;
import dev.weir.limit.Names;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever is sent, there is an id, and it fits. */
class ClientIdsPropertyTest {

    private static final List<ClientIdResolver> RESOLVERS = List.of(
            ClientIds.parse("header:X-API-Key, principal, cookie:sid, address", "10.0.0.0/8", "X-Forwarded-For"),
            ClientIds.parse("cookie:sid, principal, header:X-API-Key", "10.0.0.0/8, ::/0", "Forwarded"),
            ClientIds.parse("address", "0.0.0.0/0, ::/0", "X-Forwarded-For"),
            ClientIds.parse("address", "0.0.0.0/0, ::/0", "Forwarded"));

    @Property(tries = 2_000)
    void id_isNeverEmpty_neverTooLong_andAlwaysTheSame(
            @ForAll("values") String peer,
            @ForAll("values") String key,
            @ForAll("values") String name,
            @ForAll("lists") List<String> hops) {
        StubRequest request = new StubRequest()
                .peer(peer)
                .header("X-API-Key", key)
                .principal(name)
                .cookie("sid", name);
        hops.forEach(hop -> request.header("X-Forwarded-For", hop).header("Forwarded", hop));
        for (ClientIdResolver resolver : RESOLVERS) {
            String id = request.id(resolver);
            assertThat(id.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, Names.MAX_ID_BYTES);
            assertThat(id.chars()).noneMatch(Character::isISOControl);
            assertThat(request.id(resolver)).isEqualTo(id);
        }
    }

    @Property
    void differentPrincipals_haveDifferentIds(@ForAll("values") String one, @ForAll("values") String other) {
        ClientIdResolver ids = RESOLVERS.get(1);
        boolean both = !one.isBlank() && !other.isBlank();
        if (both && !one.strip().equals(other.strip())) {
            assertThat(new StubRequest().principal(one).id(ids))
                    .isNotEqualTo(new StubRequest().principal(other).id(ids));
        }
    }

    @Property
    void hopsLeftOfTheClient_changeNothing(@ForAll("values") String forged) {
        StubRequest xForwardedFor =
                new StubRequest().peer("10.0.0.1").header("X-Forwarded-For", forged + ", 198.51.100.1, 10.0.0.2");
        assertThat(xForwardedFor.id(ClientIds.parse("address", "10.0.0.0/8", "X-Forwarded-For")))
                .isEqualTo("198.51.100.1");
        StubRequest forwarded = new StubRequest()
                .peer("10.0.0.1")
                .header("Forwarded", forged + ", for=198.51.100.1;host=\"a,\\\"b\", for=10.0.0.2");
        assertThat(forwarded.id(ClientIds.parse("address", "10.0.0.0/8", "Forwarded")))
                .isEqualTo("198.51.100.1");
    }

    @Provide
    Arbitrary<String> values() {
        Arbitrary<String> pieces = Arbitraries.of(
                "for=",
                "FOR=",
                "by=",
                "host=",
                ";proto=https",
                "\"",
                "\\",
                ",",
                ";",
                "[",
                "]",
                ":",
                "10.0.0.1",
                "198.51.100.1",
                "2001:db8::1",
                "2001:DB8:0:0::1",
                "::ffff:1.2.3.4",
                "010.0.0.1",
                "0x7f000001",
                ":443",
                ":_hidden",
                "unknown",
                "_x",
                " ",
                "\t",
                "%eth0",
                "/64",
                "sha256:",
                "address:",
                "\ud800",
                "\u0000",
                "999",
                "a=b");
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(600),
                Arbitraries.strings().ascii().ofMaxLength(60),
                pieces.list().ofMaxSize(40).map(list -> String.join("", list)));
    }

    @Provide
    Arbitrary<List<String>> lists() {
        return values().list().ofMaxSize(4);
    }
}

package dev.weir.filter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.filter.StubRequest;
import dev.weir.limit.Names;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientIdsTest {

    private static ClientIdResolver order(String order) {
        return ClientIds.parse(order, "", "X-Forwarded-For");
    }

    private static StubRequest request() {
        return new StubRequest();
    }

    @Test
    void order_thatIsChangedLater_staysAsItWas() {
        List<ClientIdResolver> resolvers = new ArrayList<>();
        AddressResolver address = new AddressResolver(TrustedProxies.parse(""), ForwardedField.FORWARDED);

        ClientIds ids = new ClientIds(resolvers, address, false);
        resolvers.add(request -> Optional.of("anyone"));

        assertThat(request().id(ids)).isEqualTo("192.0.2.1");
    }

    @Test
    void firstThatKnows_wins() {
        ClientIdResolver ids = order("header:X-API-Key, principal, cookie:sid");
        assertThat(request().header("X-API-Key", "k1").principal("alice").id(ids))
                .isEqualTo("k1");
        assertThat(request().principal("alice").cookie("sid", "0a1b").id(ids)).isEqualTo("principal:alice");
        assertThat(request().cookie("sid", "0a1b").id(ids)).isEqualTo("cookie:sid:0a1b");
        assertThat(request().cookie("SID", "0a1b").id(ids)).isEqualTo("192.0.2.1");
        assertThat(request().id(ids)).isEqualTo("192.0.2.1");
    }

    @Test
    void theFirst_speaksPlainIds() {
        assertThat(request().principal("alice").id(order("principal, address"))).isEqualTo("alice");
        assertThat(request().header("x-api-key", "alice").id(order("header:X-API-Key")))
                .isEqualTo("alice");
        assertThat(request().cookie("sid", "alice").id(order(" cookie:sid ,address ")))
                .isEqualTo("alice");
    }

    @Test
    void ofAddress_whateverTheOrder_asIfTheAddressAloneCounted() {
        ClientIds ids = ClientIds.parse("principal, header:X-API-Key", "10.0.0.0/8", "X-Forwarded-For");

        Map<String, List<String>> headers =
                Map.of("X-API-Key", List.of("alice"), "X-Forwarded-For", List.of("198.51.100.1"));

        assertThat(ids.ofAddress(Optional.of("10.0.0.1"), headers::get)).isEqualTo("198.51.100.1");
        assertThat(ids.ofAddress(Optional.of("192.0.2.1"), headers::get)).isEqualTo("192.0.2.1");
        assertThat(ids.ofAddress(Optional.empty(), headers::get)).isEqualTo("address:unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", "\r\n"})
    void emptyValue_fallsToTheNext(String empty) {
        ClientIdResolver ids = order("header:X-API-Key, principal, cookie:sid, address");
        assertThat(request()
                        .header("X-API-Key", empty)
                        .principal(empty)
                        .cookie("sid", empty)
                        .id(ids))
                .isEqualTo("192.0.2.1");
        assertThat(request().header("X-API-Key", empty).principal("alice").id(ids))
                .isEqualTo("principal:alice");
    }

    @Test
    void headerOrCookieWithTwoValues_namesNobody() {
        ClientIdResolver ids = order("header:X-API-Key, cookie:sid, address");
        assertThat(request()
                        .header("X-API-Key", "alice")
                        .header("X-API-Key", "bob")
                        .id(ids))
                .isEqualTo("192.0.2.1");
        assertThat(request().cookie("sid", "a").cookie("sid", "b").id(ids)).isEqualTo("192.0.2.1");
        assertThat(request()
                        .header("X-API-Key", "alice")
                        .header("X-API-Key", "alice")
                        .id(ids))
                .isEqualTo("alice");
    }

    /** What an application might add. */
    public static final class TenantResolver implements ClientIdResolver {

        @Override
        public Optional<String> resolve(ClientRequest request) {
            return request.headers("X-Tenant").stream().findFirst();
        }
    }

    /** One that cannot be made. */
    public static final class BrokenResolver implements ClientIdResolver {

        public BrokenResolver() {
            throw new IllegalStateException("no tenants today");
        }

        @Override
        public Optional<String> resolve(ClientRequest request) {
            return Optional.empty();
        }
    }

    @Test
    void resolverOfTheApplication_asAnyOther() {
        String tenant = "class:" + TenantResolver.class.getName();
        assertThat(request().header("X-Tenant", " acme ").id(order(tenant))).isEqualTo("acme");
        assertThat(request().header("X-Tenant", " ").id(order(tenant))).isEqualTo("192.0.2.1");
        assertThat(request().id(order(tenant))).isEqualTo("192.0.2.1");
        assertThat(request().header("X-Tenant", "acme").id(order("principal, " + tenant)))
                .isEqualTo(tenant + ":acme");
        assertThat(request().header("X-Tenant", "x".repeat(5_000)).id(order(tenant)))
                .startsWith("sha256:");
        assertThat(request().principal(tenant + ":acme").id(order("principal, " + tenant)))
                .startsWith("sha256:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "class: | ClassNotFoundException",
                "class:com.example.Missing | ClassNotFoundException: com.example.Missing",
                "class:java.lang.String | ClassCastException",
                "class:dev.weir.filter.client.ClientIds | NoSuchMethodException",
                "class:dev.weir.filter.client.ClientIdsTest$BrokenResolver | IllegalStateException: no tenants today",
            })
    void resolverOfTheApplication_cannotBeMade_refusedWithTheReason(String order, String reason) {
        assertThatThrownBy(() -> order(order))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + order + "' must be a public class")
                .hasMessageContaining(reason);
    }

    @Test
    void nobodyPassesForAnother() {
        ClientIdResolver ids = order("principal, header:X-API-Key, cookie:sid, address");
        Set<String> all = Stream.of(
                        request().principal("alice"),
                        request().header("X-API-Key", "alice"),
                        request().cookie("sid", "alice"),
                        request().peer("192.0.2.9"),
                        request().principal("192.0.2.9"),
                        request().header("X-API-Key", "192.0.2.9"),
                        request().peer("2001:db8::1"),
                        request().principal("2001:db8::/64"),
                        request().principal("cookie:sid:alice"),
                        request().principal("header:X-API-Key:alice"),
                        request().peer("?"),
                        request().principal("address:unknown"))
                .map(request -> request.id(ids))
                .collect(Collectors.toSet());
        assertThat(all).hasSize(12).contains("alice", "192.0.2.9", "2001:db8::/64", "address:unknown");
    }

    @Test
    void digest_cannotBeClaimedAsAPlainId() {
        ClientIdResolver ids = order("header:X-API-Key");
        String digest = request().header("X-API-Key", "k".repeat(257)).id(ids);
        assertThat(digest).matches("sha256:[A-Za-z0-9_-]{43}");
        assertThat(request().header("X-API-Key", digest).id(ids))
                .isNotEqualTo(digest)
                .startsWith("sha256:");
    }

    @Test
    void longValues_areDigested_eachToItsOwn() {
        ClientIdResolver ids = order("header:X-API-Key");
        assertThat(request().header("X-API-Key", "k".repeat(256)).id(ids)).isEqualTo("k".repeat(256));
        assertThat(request().header("X-API-Key", "\u00fc".repeat(128)).id(ids)).isEqualTo("\u00fc".repeat(128));
        assertThat(request().header("X-API-Key", "\u00fc".repeat(129)).id(ids)).startsWith("sha256:");
        String five = request().header("X-API-Key", "k".repeat(5_000)).id(ids);
        assertThat(five).startsWith("sha256:").hasSize(50);
        assertThat(request().header("X-API-Key", "k".repeat(4_999)).id(ids)).isNotEqualTo(five);
        assertThat(request().cookie("sid", "k".repeat(5_000)).id(order("cookie:sid")))
                .isNotEqualTo(five);
        // With its prefix it no longer fits.
        assertThat(request().cookie("sid", "k".repeat(250)).id(order("principal, cookie:sid")))
                .startsWith("sha256:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\nb", "a\u001b[31mb", "a\u007fb", "a\u0085b", "a\ud800b", "a\udc00b"})
    void controlCharactersAndBrokenSurrogates_areDigested_eachToItsOwn(String value) {
        ClientIdResolver ids = order("principal");
        String id = request().principal(value).id(ids);
        assertThat(id).matches("sha256:[A-Za-z0-9_-]{43}");
        assertThat(id)
                .isNotEqualTo(
                        request().principal(value.replaceAll("[^a-z]", "")).id(ids));
        assertThat(id).isNotEqualTo(request().principal("a\u0001b").id(ids));
    }

    /** A resolver of the application's own that answers as it should not. */
    public static class Careless implements ClientIdResolver {
        @Override
        @SuppressWarnings("NullAway")
        public Optional<String> resolve(ClientRequest request) {
            return null;
        }
    }

    @Test
    void resolverThatAnswersNull_hasNoId() {
        assertThat(request().id(order("class:" + Careless.class.getName())))
                .isEqualTo(request().id(order("address")));
    }

    @Test
    void brokenSurrogates_areToldApart() {
        ClientIdResolver ids = order("principal");
        assertThat(request().principal("a\ud800").id(ids))
                .isNotEqualTo(request().principal("a\ud801").id(ids));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice",
                "alice@example.org",
                "CN=Alice, O=Example",
                "\u00e4\u00f6\u00fc",
                "\ud83d\ude00",
                "1.2",
                "12345678"
            })
    void ordinaryIds_stayAsTheyAre(String value) {
        String id = request().principal(value).id(order("principal"));
        assertThat(id).isEqualTo(value);
        assertThat(id.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(Names.MAX_ID_BYTES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | '' does not say who a client is; allowed are principal, header:NAME, cookie:NAME, class:NAME and"
                        + " address, separated by commas, address last",
                "principal,, address | '' does not say who a client is",
                "user | 'user' does not say who a client is",
                "Principal | 'Principal' does not say who a client is",
                "header | 'header' does not say who a client is",
                "header: | 'header:' does not say who a client is",
                "header:X API | 'header:X API' does not say who a client is",
                "cookie: sid | 'cookie: sid' does not say who a client is",
                "principal, principal | 'principal' is named twice",
                "address, principal | 'principal' stands after address and would never be asked",
                "address, address | 'address' stands after address and would never be asked",
            })
    void orderThatCannotBeRead_isRefused(String order, String message) {
        assertThatThrownBy(() -> order(order))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("allowed are principal, header:NAME, cookie:NAME, class:NAME and address");
    }
}

package dev.weir.filter;

import dev.weir.filter.client.ClientIdResolver;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A request as no HTTP client would send it: for what must hold even if the container lets it through. */
public final class StubRequest {

    private String peer = "192.0.2.1";
    private String principal;
    private final List<String[]> headers = new ArrayList<>();
    private final List<Cookie> cookies = new ArrayList<>();

    public StubRequest peer(String address) {
        peer = address;
        return this;
    }

    public StubRequest principal(String name) {
        principal = name;
        return this;
    }

    public StubRequest header(String name, String value) {
        headers.add(new String[] {name, value});
        return this;
    }

    public StubRequest cookie(String name, String value) {
        cookies.add(new Cookie(name, value));
        return this;
    }

    HttpServletRequest request() {
        return (HttpServletRequest) Proxy.newProxyInstance(
                StubRequest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getRemoteAddr" -> peer;
                    case "getUserPrincipal" -> principal == null ? null : (Principal) () -> principal;
                    case "getCookies" -> cookies.isEmpty() ? null : cookies.toArray(Cookie[]::new);
                    case "getHeaders" ->
                        Collections.enumeration(headers.stream()
                                .filter(header -> header[0].equalsIgnoreCase((String) arguments[0]))
                                .map(header -> header[1])
                                .toList());
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private ServletExchange exchange() {
        HttpServletResponse none = (HttpServletResponse) Proxy.newProxyInstance(
                StubRequest.class.getClassLoader(),
                new Class<?>[] {HttpServletResponse.class},
                (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
        return new ServletExchange(request(), none);
    }

    /** The client id of this request under a configuration. */
    public String id(ClientIdResolver resolver) {
        return resolver.resolve(exchange()).orElseThrow();
    }
}

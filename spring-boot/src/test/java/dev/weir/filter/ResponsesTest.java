package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The responses that are kept back, method by method of the Servlet API that is there: 6.0 with Spring Boot 3.5, 6.1
 * with Spring Boot 4.
 */
class ResponsesTest {

    private static final Map<Class<?>, Object> ARGUMENTS = Map.of(
            String.class,
            "UTF-8",
            int.class,
            303,
            long.class,
            7L,
            boolean.class,
            true,
            Locale.class,
            Locale.ROOT,
            Charset.class,
            StandardCharsets.UTF_8,
            Cookie.class,
            new Cookie("name", "value"),
            Supplier.class,
            (Supplier<Map<String, String>>) Map::of);

    private final List<String> through = new ArrayList<>();
    private final HttpServletResponse real = recording();

    private HttpServletResponse recording() {
        return (HttpServletResponse) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServletResponse.class}, (proxy, method, arguments) -> {
                    through.add(method.getName());
                    return null;
                });
    }

    private static HttpServletRequest request() {
        return (HttpServletRequest) Proxy.newProxyInstance(
                ResponsesTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> null);
    }

    static Stream<Method> changes() {
        return Stream.of(HttpServletResponse.class.getMethods()).filter(method -> method.getReturnType() == void.class);
    }

    static Stream<Method> sendings() {
        return changes().filter(method -> method.getName().startsWith("send"));
    }

    private static void call(HttpServletResponse response, Method method) throws ReflectiveOperationException {
        method.invoke(
                response,
                Stream.of(method.getParameterTypes()).map(ARGUMENTS::get).toArray());
    }

    @ParameterizedTest
    @MethodSource("changes")
    void heldBack_noChangeGetsThrough(Method change) throws Exception {
        DiscardableResponse response = new DiscardableResponse(request(), real);
        response.holdBack();

        call(response, change);

        assertThat(through).isEmpty();
    }

    @Test
    void heldBack_bodyGoesNowhere() throws Exception {
        DiscardableResponse response = new DiscardableResponse(request(), real);
        response.holdBack();

        response.getWriter().write("text");
        response.getOutputStream().write(7);

        assertThat(through).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("changes")
    void notHeldBack_everyChangeGetsThrough(Method change) throws Exception {
        call(new DiscardableResponse(request(), real), change);

        assertThat(through).containsExactly(change.getName());
    }

    @ParameterizedTest
    @MethodSource("sendings")
    void deferred_isSentLater(Method sending) throws Exception {
        DeferredErrorResponse response = new DeferredErrorResponse(real);

        call(response, sending);
        assertThat(through).isEmpty();

        response.send();
        assertThat(through).containsExactly(sending.getName());
    }
}

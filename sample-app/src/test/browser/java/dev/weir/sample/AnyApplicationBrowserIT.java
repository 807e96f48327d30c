package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.dashboard.DashboardServlet;
import dev.weir.filter.RateLimitFilter;
import dev.weir.filter.RateLimits;
import dev.weir.redisson.RedisServer;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** The dashboard of an application that is not the sample, in a real browser. Run with {@code -Pbrowser}. */
@TestMethodOrder(OrderAnnotation.class)
class AnyApplicationBrowserIT {

    private static final String TOKEN = "correct-horse-battery-staple";
    private static final String HOSTILE = "<img src=x onerror=\"document.title='owned'\">\u202E\uD83D\uDE00/%";
    private static final int DESKTOP = 1_280;
    private static final int PHONE = 390;

    private static final RedisServer REDIS = RedisServer.start();
    private static final Server SERVER = new Server();
    private static final ServerConnector CONNECTOR = new ServerConnector(SERVER);
    private static RateLimits limits;
    private static Browser browser;

    @BeforeAll
    static void open() throws Exception {
        browser = Browser.start();
        limits = RateLimits.from(new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(
                        Map.of(
                                "weir.admin.token", TOKEN,
                                "weir.client-id", "header:X-Client",
                                "weir.store", "redisson",
                                "weir.redisson.uri", REDIS.uri(),
                                "weir.store-deadline", "2s",
                                "weir.policy.search.limit", "3",
                                "weir.policy.search.period", "1h"),
                        "test"))
                .build());
        limits.weir().limits().setWeight("search", HOSTILE, 7);
        ServletContextHandler application = new ServletContextHandler("/app");
        application.setAttribute(RateLimits.ATTRIBUTE, limits);
        FilterHolder filter = new FilterHolder(new RateLimitFilter());
        filter.setInitParameter("policy", "search");
        application.addFilter(filter, "/hello", EnumSet.of(DispatcherType.REQUEST));
        application.addServlet(new ServletHolder(new HelloServlet()), "/hello");
        application.addServlet(dashboard("true"), "/weir/*");
        application.addServlet(dashboard("false"), "/look/*");
        CONNECTOR.setHost("127.0.0.1");
        SERVER.addConnector(CONNECTOR);
        SERVER.setHandler(application);
        SERVER.start();
    }

    private static ServletHolder dashboard(String changes) {
        ServletHolder servlet = new ServletHolder(new DashboardServlet());
        servlet.setInitOrder(1);
        servlet.setAsyncSupported(true);
        servlet.setInitParameter("changes", changes);
        return servlet;
    }

    @AfterAll
    static void close() throws Exception {
        if (browser != null) {
            browser.close();
        }
        SERVER.stop();
        if (limits != null) {
            limits.close();
        }
        REDIS.close();
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + CONNECTOR.getLocalPort() + "/app" + path;
    }

    private static int hello(String client) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url("/hello")))
                                .header("X-Client", client)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static boolean isRejected(String client) {
        try {
            return hello(client) == 429;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void signIn(String token) {
        browser.byId("token").sendKeys(token);
        browser.driver.findElement(By.cssSelector("#sign-in button")).click();
    }

    private static void isSafe() {
        assertThat(browser.driver.getTitle()).isEqualTo("Weir");
        assertThat(browser.all("img[src=x]")).isEmpty();
    }

    @Test
    @Order(1)
    void opened_asksForTheToken_andShowsNothing() {
        browser.driver.get(url("/weir"));
        browser.await("the form", () -> browser.byId("sign-in").isDisplayed());
        assertThat(browser.byId("main").isDisplayed()).isFalse();
        for (String theme : List.of("light", "dark")) {
            browser.look(PHONE, 900, theme);
            assertThat(browser.violations()).as(theme).isEmpty();
        }
        browser.look(DESKTOP, 900, "light");
        browser.shot("any-sign-in");
        signIn("a-token-that-nobody-has");
        browser.await("refused", () -> browser.text("sign-in-said").equals("The server does not accept this token."));
        assertThat(browser.byId("main").isDisplayed()).isFalse();
    }

    @Test
    @Order(2)
    void token_opensThePage_andIsInNoUrl() throws Exception {
        signIn(TOKEN);
        browser.await("the page", () -> browser.byId("main").isDisplayed());
        for (int i = 0; i < 5; i++) {
            assertThat(hello("alice")).isEqualTo(i < 3 ? 200 : 429);
        }

        browser.await("words", () -> browser.text("last").startsWith("A request was rejected under the policy 'search'"));
        browser.await("charts", () -> browser.all("figure canvas").size() == 4);
        assertThat(browser.driver.getCurrentUrl()).isEqualTo(url("/weir/"));
        assertThat(browser.driver.executeScript("return performance.getEntriesByType('resource').map(each => each.name)"))
                .asString()
                .contains("/app/weir/overview")
                .doesNotContain(TOKEN);
        assertThat(browser.driver.executeScript("return JSON.stringify(localStorage) + document.cookie"))
                .asString()
                .doesNotContain(TOKEN);
        assertThat(browser.text("policies")).contains("search token-bucket 3 per h");
        assertThat(browser.layoutShift()).isLessThan(0.1);
    }

    @Test
    @Order(3)
    void hostileId_isATextLikeAnyOther_andCanBeChanged() {
        browser.await("the client", () -> browser.text("overrides").contains(HOSTILE.substring(0, 40)));
        isSafe();
        browser.keep("any-desktop-light", DESKTOP, "light");
        browser.keep("any-phone-dark", PHONE, "dark");
        browser.look(DESKTOP, 900, "light");
        browser.driver.executeScript("document.getElementById('overrides').scrollIntoView({block: 'center'})");
        browser.all("#overrides button").get(0).click();
        WebElement weight = browser.driver.findElement(By.name("weight"));
        assertThat(weight.getDomProperty("value")).isEqualTo("7");
        weight.clear();
        weight.sendKeys("8");
        browser.driver.findElement(By.cssSelector("#limits p button")).click();
        browser.await("set", () -> limits.weir().limits().find(HOSTILE).of("search").weight() == 8);
        browser.await("shown", () -> browser.text("overrides").contains("weight 8"));
        isSafe();
        browser.all("#overrides button").get(1).click();
        browser.await("reset", () -> limits.weir().limits().find(HOSTILE).isEmpty());
        browser.await("none", () -> browser.text("overrides").startsWith("Nothing is set"));
        isSafe();
    }

    @Test
    @Order(4)
    void bucket_ofAHostileName_isCreatedAndDeleted() {
        browser.driver.executeScript("document.getElementById('bucket').scrollIntoView({block: 'center'})");
        browser.driver.findElement(By.cssSelector("#bucket [name=id]")).sendKeys("a/<b>&c");
        browser.driver.findElement(By.cssSelector("#bucket button")).click();
        browser.await("created", () -> browser.text("buckets").contains("a/<b>&c\n5 a second, at most 10 at once"));
        assertThat(limits.weir().limits().findBucket("a/<b>&c")).isPresent();
        browser.all("#buckets button").get(1).click();
        browser.await("deleted", () -> browser.text("buckets").equals("There is no bucket."));
        assertThat(browser.violations()).isEmpty();
    }

    @Test
    @Order(5)
    void readOnly_showsAndOffersNoChange_andTheTabKnowsTheToken() {
        limits.weir().limits().setWeight("search", HOSTILE, 7);
        browser.driver.get(url("/look/"));
        browser.await("the client", () -> browser.text("overrides").contains("weight 7"));

        assertThat(browser.all("#overrides button, #buckets button")).isEmpty();
        assertThat(browser.all("main form .change-only, #bucket")).noneMatch(WebElement::isDisplayed);
        assertThat(browser.violations()).isEmpty();
        isSafe();
        browser.keep("any-read-only", DESKTOP, "light");
        assertThat(browser.complaints()).allMatch(line -> line.contains(" 401 "));
    }

    /** Which clients were rejected is known without the store. */
    @Test
    @Order(6)
    void openedWhileTheStoreIsAway_listsTheRejected_andSaysWhatIsNotKnown() throws Exception {
        REDIS.kill();
        browser.await("another", () -> isRejected("bob"));
        browser.await("away", () -> browser.text("store").equals("Store is away"));
        browser.driver.navigate().refresh();
        browser.await("the rejected", () -> browser.text("rejected").startsWith("alice\nsearch, 2 times\nbob\n"));
        for (String list : List.of("overrides", "buckets")) {
            browser.await(list, () -> browser.text(list).startsWith("the store does not answer: "));
        }
        browser.await("one more", () -> isRejected("carol"));
        browser.await("the list goes on", () -> browser.text("rejected").contains("carol\nsearch, 1 time"));
        browser.keep("any-away", DESKTOP, "light");
        REDIS.restart();
        browser.await("none", () -> browser.text("buckets").equals("There is no bucket."));
    }

    @Test
    @Order(7)
    void signOut_forgetsTheToken() {
        browser.driver.executeScript("scrollTo(0, 0)");
        browser.byId("sign-out").click();
        browser.await("the form", () -> browser.byId("sign-in").isDisplayed());
        assertThat(browser.driver.executeScript("return sessionStorage.length")).isEqualTo(0L);
    }

    @Test
    @Order(8)
    void applicationGone_isSaid() throws Exception {
        signIn(TOKEN);
        browser.await("connected", () -> browser.text("store").equals("Store is up"));
        SERVER.stop();
        browser.await("the banner", () -> browser.byId("lost").isDisplayed());
        assertThat(browser.text("lost")).startsWith("This instance does not answer.");
    }
}

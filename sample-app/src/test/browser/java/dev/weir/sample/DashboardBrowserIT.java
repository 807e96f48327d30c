package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.Select;

/**
 * Clicks through the demo's dashboard in a real browser, holds its numbers to those of {@code /metrics}, and keeps
 * pictures under {@code target/screenshots}. Run with {@code -Pbrowser}.
 */
@TestMethodOrder(OrderAnnotation.class)
class DashboardBrowserIT {

    private static final int DESKTOP = 1_280;
    private static final int PHONE = 390;

    /** As high as what is looked at first. */
    private static final int TOP = 1_095;

    /** How the page says that the store is away. */
    private static final String AWAY = "the store does not answer: ";

    private static SampleProcess demo;
    private static Browser browser;
    private static String token;

    @BeforeAll
    static void open() throws Exception {
        browser = Browser.start();
        demo = SampleProcess.start("--demo");
        token = new ObjectMapper().readTree(demo.get("/demo").body()).get("token").asText();
        browser.driver.get(demo.root().toString());
        browser.look(DESKTOP, 900, "light");
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
        if (demo != null) {
            demo.close();
        }
    }

    @Test
    @Order(1)
    void opened_saysThatItWaits_thenDrawsAllInstances() {
        browser.shot("empty-desktop");
        browser.await("three instances", () -> browser.all("#instances li.up").size() == 3);
        browser.await("charts", () -> browser.all("figure canvas").size() == 5);
        browser.await("permitted", () -> number("tile-permitted") > 1 && number("tile-rejected") > 1);
        assertThat(browser.byId("chart-decisions").getDomAttribute("aria-label"))
                .containsPattern("[0-9.]+ permitted, [0-9.]+ delayed, [0-9.]+ rejected");
        browser.await("words", () -> browser.text("last").startsWith("A request of "));
        browser.await("pool", () -> browser.all("#pool tbody tr").size() == 3);
        assertThat(browser.layoutShift()).as("nothing jumps").isLessThan(0.1);
        // On a busy machine the store can be late, which the demo shows and a request for its numbers meets, too.
        assertThat(browser.complaints()).allMatch(line -> line.contains("503"));
    }

    @Test
    @Order(2)
    void keyboardReachesTheChartsFirst_everyControlHasAName_andThePageMeetsWcag() {
        browser.driver.findElement(By.tagName("body")).sendKeys(Keys.TAB);
        assertThat(browser.driver.switchTo().activeElement().getText()).isEqualTo("Skip to the charts");
        browser.driver.executeScript("document.activeElement.blur()");
        for (WebElement control : browser.all("input, select, button, a")) {
            if (control.isDisplayed()) {
                assertThat(control.getAccessibleName())
                        .as(control.getDomProperty("outerHTML"))
                        .isNotBlank();
            }
        }
        for (String theme : List.of("light", "dark")) {
            for (int width : List.of(DESKTOP, PHONE)) {
                browser.look(width, 900, theme);
                assertThat(browser.violations()).as(theme + ", " + width).isEmpty();
            }
        }
        browser.look(DESKTOP, 900, "light");
    }

    @Test
    @Order(3)
    void pictures_lightAndDark_wideAndNarrow() throws Exception {
        Thread.sleep(30_000); // So that lines are seen.
        browser.driver.executeScript("scrollTo(0, 0)");
        browser.look(DESKTOP, TOP, "light");
        browser.shot("top-light");
        browser.keep("desktop-light", DESKTOP, "light");
        browser.keep("desktop-dark", DESKTOP, "dark");
        browser.keep("phone-light", PHONE, "light");
        browser.keep("phone-dark", PHONE, "dark");
        browser.look(PHONE, 900, "light");
        assertThat(browser.driver.executeScript("return document.documentElement.scrollWidth"))
                .as("nothing sticks out on a phone")
                .isEqualTo((long) PHONE);
        browser.look(DESKTOP, 900, "light");
    }

    @Test
    @Order(3)
    void filter_showsOnePolicyOrClient() {
        Select filter = new Select(browser.byId("filter"));
        filter.selectByVisibleText("orders");
        browser.await(
                "orders alone",
                () -> permittedInTheChart() >= 0 && permittedInTheChart() < number("tile-permitted") / 2);
        filter.selectByVisibleText("carol (search)");
        browser.await("carol alone, who has some 30", () -> permittedInTheChart() > 20 && permittedInTheChart() < 45);
        filter.selectByVisibleText("all policies");
        browser.await("all", () -> permittedInTheChart() > number("tile-permitted") / 2);
    }

    @Test
    @Order(3)
    void switch_ofOneClient_stopsItsRequests_andStartsThemAgain() {
        WebElement frank = browser.driver.findElement(By.cssSelector("[aria-label='frank sends requests']"));
        frank.click();
        browser.await("frank stops", () -> frankSends(false));
        frank.click();
        browser.await("frank sends", () -> frankSends(true));
    }

    private static boolean frankSends(boolean on) {
        String state = demo.get("/demo").body();
        return Pattern.compile("\"client\":\"frank\"[^}]*\"on\":" + on).matcher(state).find();
    }

    /** One of two instances has forgotten a client, which it may have rejected as often as the least that it knows. */
    @Test
    @Order(3)
    void rejectedClients_ofAllInstances_areAddedUpWithTheirBounds() {
        assertThat((List<?>) browser.driver.executeAsyncScript(
                        """
                        const done = arguments[0];
                        const row = (client, count, atMostOver) => ({client, policy: 'p', count, atMostOver});
                        import('/dashboard/live.js').then(({mostRejected}) => done(mostRejected([
                          {topRejected: [row('a', 9, 0), row('b', 5, 2)], rejectedOfOthers: 5},
                          {topRejected: [row('b', 7, 0), row('c', 1, 0)], rejectedOfOthers: 0},
                        ]).map(each => `${each.client} ${each.count} ${each.atMostOver}`)));
                        """))
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .containsExactly("b 12 2", "a 9 0", "c 6 5");
    }

    private static double permittedInTheChart() {
        Matcher words = Pattern.compile("([0-9.,]+) permitted")
                .matcher(browser.byId("chart-decisions").getDomAttribute("aria-label"));
        return words.find() ? Double.parseDouble(words.group(1).replace(",", "")) : -1;
    }

    @Test
    @Order(4)
    void redis_killedByTheButton_isSeenAndSurvived_andComesBack() throws Exception {
        killRedis();
        browser.await("shares", () -> browser.text("stores").contains("on its own share"));
        browser.await("still permitted", () -> number("tile-permitted") > 1);
        Thread.sleep(8_000);
        browser.driver.executeScript("scrollTo(0, 0)");
        browser.look(DESKTOP, TOP, "dark");
        browser.shot("top-away-dark");
        browser.keep("away-desktop-dark", DESKTOP, "dark");
        browser.keep("away-phone-light", PHONE, "light");
        browser.look(DESKTOP, 900, "light");

        startRedis();
    }

    private static void killRedis() {
        browser.click("redis");
        browser.await("down", () -> browser.text("store").equals("Store is away"));
        browser.await("the other button", () -> browser.text("redis").equals("Start Redis"));
    }

    private static void startRedis() {
        browser.click("redis");
        browser.await("up", () -> browser.text("store").equals("Store is up"));
        browser.await("button", () -> browser.text("redis").equals("Kill Redis"));
    }

    @Test
    @Order(4)
    void whatOnlyRedisKnows_isNotClaimedWhileItIsAway() {
        Select policy = new Select(browser.driver.findElement(By.name("policy")));
        policy.selectByVisibleText("search");
        browser.await("carol", () -> browser.text("overrides").contains("carol\nweight 3"));
        killRedis();
        browser.await("that it is old", () -> browser.text("overrides").contains(AWAY));
        assertThat(browser.text("overrides")).startsWith("carol\nweight 3");
        policy.selectByVisibleText("api");
        assertThat(browser.text("overrides")).doesNotContain("carol");
        browser.await("that it is away", () -> browser.text("overrides").startsWith(AWAY));

        browser.driver.navigate().refresh();
        browser.await("down", () -> browser.text("store").equals("Store is away"));
        browser.await("no overrides", () -> browser.text("overrides").startsWith(AWAY));
        browser.await("no buckets", () -> browser.text("buckets").startsWith(AWAY));
        browser.await("pool", () -> browser.all("#pool tbody tr").size() == 3);
        String weight = weightOf("carol");
        for (String theme : List.of("light", "dark")) {
            browser.look(DESKTOP, 900, theme);
            assertThat(browser.violations()).as(theme).isEmpty();
            browser.keep("opened-away-desktop-" + theme, DESKTOP, theme);
        }
        browser.keep("opened-away-phone-dark", PHONE, "dark");
        browser.look(DESKTOP, 900, "light");

        startRedis();
        browser.await("buckets", () -> browser.text("buckets").startsWith("tenant-1\n5 a second"));
        browser.await("overrides", () -> !browser.text("overrides").contains(AWAY));
        browser.await("weight", () -> weightOf("carol").equals("3"));
        assertThat(weight).isEqualTo("–");
    }

    @Test
    @Order(4)
    void weight_refused_goesBackToTheOneInForce() {
        browser.await("carol", () -> weightOf("carol").equals("3"));
        killRedis();
        slider("carol").sendKeys(Keys.ARROW_RIGHT);
        browser.await("words", () -> browser.text("pool-said").startsWith(AWAY));
        assertThat(weightOf("carol")).isEqualTo("3");
        assertThat(slider("carol").getDomProperty("value")).isEqualTo("3");
        startRedis();
        assertThat(weightOf("carol")).isEqualTo("3");
    }

    private static WebElement slider(String client) {
        return browser.driver.findElement(By.cssSelector("input[aria-label='Weight of " + client + "']"));
    }

    /** As the page says it; empty if the client is not there yet. */
    private static String weightOf(String client) {
        List<WebElement> words = browser.all("input[aria-label='Weight of " + client + "'] + output");
        return words.isEmpty() ? "" : words.get(0).getText();
    }

    @Test
    @Order(4)
    void redisButton_failed_saysSoUntilItIsPressedAgain() throws Exception {
        browser.driver.executeCdpCommand("Network.enable", Map.of());
        browser.driver.executeCdpCommand("Network.setBlockedURLs", Map.of("urls", List.of("*/demo/redis")));
        browser.click("redis");
        browser.await("words", () -> browser.text("redis-said").equals("This instance does not answer."));
        Thread.sleep(6_000); // The state of the demo is shown anew every five seconds.
        assertThat(browser.text("redis-said")).isEqualTo("This instance does not answer.");
        assertThat(browser.byId("redis-said").getDomAttribute("class")).isEqualTo("said bad");
        assertThat(browser.text("redis-hint")).startsWith("Kill it: ");
        assertThat(browser.complaints()).allMatch(line -> line.contains("ERR_BLOCKED") || line.contains("503"));

        browser.driver.executeCdpCommand("Network.setBlockedURLs", Map.of("urls", List.of()));
        killRedis();
        assertThat(browser.text("redis-said")).isEmpty();
        startRedis();
    }

    @Test
    @Order(5)
    void weight_movedByKey_isSetOnAllInstances() {
        slider("carol").sendKeys(Keys.ARROW_RIGHT);
        browser.await("weight 4", () -> demo.getAsAdmin("/admin/policies/search/clients/carol", token)
                .body()
                .contains("\"weight\":4"));
    }

    @Test
    @Order(6)
    void limits_setAndReset_andAMistakeInWords() {
        new Select(browser.driver.findElement(By.name("policy"))).selectByVisibleText("api");
        type(browser.driver.findElement(By.cssSelector("#limits [name=client]")), "dave");
        type(browser.driver.findElement(By.cssSelector("#limits [name=weight]")), "2");
        type(browser.driver.findElement(By.name("limit")), "7");
        type(browser.driver.findElement(By.name("periodMillis")), "3000");
        type(browser.driver.findElement(By.name("split")), "60,30");
        browser.driver.findElement(By.cssSelector("#limits button")).click();
        browser.await("the mistake", () -> browser.text("limits-said").contains("100"));

        type(browser.driver.findElement(By.name("split")), "60,40");
        browser.driver.findElement(By.cssSelector("#limits button")).click();
        browser.await("set", () -> browser.text("limits-said")
                .contains("weight 2, limit 7, period in ms 3000, split 60,40"));
        assertThat(demo.getAsAdmin("/admin/policies/api/clients/dave", token).body())
                .contains("\"weight\":2", "\"limit\":7", "\"periodMillis\":3000", "\"split\":[60,40]");

        browser.click("limits-reset");
        browser.await("reset", () -> browser.text("limits-said").contains("has the numbers of api again"));
        assertThat(demo.getAsAdmin("/admin/policies/api/clients/dave", token).body())
                .contains("\"limit\":null");
    }

    @Test
    @Order(7)
    void bucket_created_changedAndDeleted() {
        bucket("tenant-2", "3", "6");
        browser.await("created", () -> browser.text("buckets").contains("3 a second, at most 6 at once"));
        browser.driver.findElement(By.cssSelector("[aria-label='Edit tenant-2']")).click();
        bucket("tenant-2", "4", "8");
        browser.await("changed", () -> browser.text("buckets").contains("4 a second, at most 8 at once"));
        browser.driver
                .findElement(By.cssSelector("[aria-label='Delete tenant-2']"))
                .click();
        browser.await("deleted", () -> !browser.text("buckets").contains("tenant-2"));
    }

    @Test
    @Order(8)
    void numbers_ofStoppedTrafficAndOwnRequests_areThoseOfMetrics() {
        browser.click("all-off");
        browser.await("all are off", () -> browser.all("#traffic input:checked").isEmpty());
        browser.await("quiet", () -> number("tile-permitted") == 0 && number("tile-rejected") == 0);
        new Select(browser.byId("target")).selectByVisibleText("playground: plain");
        long before = counted("plain", "permitted");
        browser.driver.executeScript("document.getElementById('fire').scrollIntoView({block: 'center'})");
        type(browser.byId("count"), "12");
        browser.driver.findElement(By.cssSelector("#fire button")).click();
        browser.await("sent", () -> browser.text("tally").endsWith(" of 12"));

        assertThat(browser.text("tally")).isEqualTo("5 permitted, 7 rejected of 12");
        assertThat(counted("plain", "permitted") - before).isEqualTo(5);
        assertThat(counted("plain", "rejected")).isEqualTo(7);
        browser.await("top", () -> browser.text("top").startsWith("mallory · orders\n" + rejectedOfMallory() + "\n"));
        browser.await("words", () -> browser.text("last").contains("me was rejected under the policy 'plain'"));
        assertThat(browser.all("#dots i.no")).hasSize(7);
        assertThat(rejectedOnPage("plain")).isEqualTo(7);
        for (String policy : List.of("orders", "search", "api")) {
            assertThat(rejectedOnPage(policy)).as(policy).isEqualTo(counted(policy, "rejected"));
        }
        browser.shot("quiet-desktop");
        browser.click("all-on");
        browser.await("traffic again", () -> number("tile-permitted") > 1);
        assertThat(browser.complaints()).allMatch(line -> line.matches("(?s).* status of (429|400|503) .*"));
    }

    @Test
    @Order(9)
    void instance_gone_isSaid() throws Exception {
        assertThat(demo.terminate()).isZero();
        browser.await("the banner", () -> browser.byId("lost").isDisplayed());
        assertThat(browser.text("lost")).startsWith("This instance does not answer.");
        browser.keep("lost-desktop-light", DESKTOP, "light");
    }

    /** What the page got of a policy from the first instance: the same snapshot as is drawn. */
    private static long rejectedOnPage(String policy) {
        return (Long) ofNextEvent("instances[0].policies['" + policy + "'].rejected");
    }

    /** Of all instances, as the page writes numbers. */
    private static String rejectedOfMallory() {
        return (String) ofNextEvent("instances.flatMap(one => one.topRejected).filter(row => row.client === 'mallory')"
                + ".reduce((sum, row) => sum + row.count, 0).toLocaleString('en')");
    }

    private static Object ofNextEvent(String expression) {
        return browser.driver.executeAsyncScript(
                "const done = arguments[0]; const source = new EventSource('/events');"
                        + "source.onmessage = event => { source.close();"
                        + "const {instances} = JSON.parse(event.data); done(" + expression + "); };");
    }

    private static long counted(String policy, String outcome) {
        Matcher sample = Pattern.compile("weir_decisions_total\\{[^}]*outcome=\"%s\"[^}]*policy=\"%s\"[^}]*} ([0-9.E]+)"
                        .formatted(outcome, policy))
                .matcher(demo.get("/metrics").body());
        assertThat(sample.find()).isTrue();
        return (long) Double.parseDouble(sample.group(1));
    }

    private static void bucket(String id, String rate, String burst) {
        type(browser.driver.findElement(By.cssSelector("#bucket [name=id]")), id);
        type(browser.driver.findElement(By.name("rate")), rate);
        type(browser.driver.findElement(By.name("burst")), burst);
        browser.driver.findElement(By.cssSelector("#bucket button")).click();
    }

    private static void type(WebElement field, String text) {
        field.clear();
        field.sendKeys(text);
    }

    private static double number(String tile) {
        String text = browser.text(tile);
        return text.equals("–") ? 0 : Double.parseDouble(text);
    }
}

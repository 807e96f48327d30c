package dev.weir.sample;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * A headless Chromium: the one on the path, or Debian's packages, unpacked under {@code target} but not installed.
 */
final class Browser implements AutoCloseable {

    private static final Path SHOTS = Path.of("target", "screenshots");
    private static final Path FETCHED = Path.of("target", "chromium").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Skips the test, and says so, where there is none. */
    static Browser start() throws IOException, InterruptedException {
        Optional<Path> chromium = find("chromium", "usr/lib/chromium/chromium");
        Optional<Path> driver = find("chromedriver", "usr/bin/chromedriver");
        if (chromium.isEmpty() || driver.isEmpty()) {
            int exit = new ProcessBuilder("sh", "src/test/browser/fetch-chromium.sh", FETCHED.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            chromium = find("chromium", "usr/lib/chromium/chromium");
            driver = find("chromedriver", "usr/bin/chromedriver");
            Assumptions.assumeTrue(
                    exit == 0 && chromium.isPresent() && driver.isPresent(),
                    "Neither chromium and chromedriver on the path, nor could they be fetched: no browser, no test");
        }
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.orElseThrow().toFile());
        options.addArguments(
                "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage");
        LoggingPreferences logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logging);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(driver.orElseThrow().toFile())
                .withEnvironment(Map.of("LD_LIBRARY_PATH", libraries()))
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    /** Of the unpacked packages; PulseAudio's has a part of it in a directory of its own. */
    private static String libraries() {
        Path libraries = FETCHED.resolve("usr/lib/x86_64-linux-gnu");
        return libraries + File.pathSeparator + libraries.resolve("pulseaudio");
    }

    private static Optional<Path> find(String name, String fetched) {
        return Stream.concat(
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                                .map(directory -> Path.of(directory, name)),
                        Stream.of(FETCHED.resolve(fetched)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    WebElement byId(String id) {
        return driver.findElement(By.id(id));
    }

    /** Clicks where a reader would have scrolled to. */
    void click(String id) {
        driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", byId(id));
        byId(id).click();
    }

    String text(String id) {
        return byId(id).getText();
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** Waits until it is so; fails with what. */
    void await(String what, BooleanSupplier isSo) {
        new WebDriverWait(driver, PATIENCE).withMessage(what).until(any -> isSo.getAsBoolean());
    }

    /** The size of a window, and the colours of the page. */
    void look(int width, int height, String theme) {
        Map<String, Object> screen = new HashMap<>();
        screen.put("width", width);
        screen.put("height", height);
        screen.put("deviceScaleFactor", 1);
        screen.put("mobile", width < 500);
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride", screen);
        if (!theme.equals(driver.executeScript("return document.documentElement.dataset.theme"))) {
            byId("theme").click();
        }
    }

    /** Keeps a picture of the whole page under {@code target/screenshots}. */
    void keep(String name, int width, String theme) {
        look(width, 900, theme);
        long height = (Long) driver.executeScript("return document.documentElement.scrollHeight");
        look(width, (int) height, theme);
        shot(name);
        look(width, 900, theme);
    }

    /** Keeps a picture of what the window shows. */
    void shot(String name) {
        try {
            Thread.sleep(1_200); // Charts are drawn anew with the next second's event.
            Files.createDirectories(SHOTS);
            Files.write(SHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What axe finds against the levels A and AA of WCAG 2.2, one line each: rule, element, why. */
    @SuppressWarnings("unchecked")
    List<String> violations() {
        try (InputStream axe = Objects.requireNonNull(Browser.class.getResourceAsStream("/axe.min.js"))) {
            driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return (List<String>) driver.executeAsyncScript("const done = arguments[0];"
                + "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then(found => done("
                + "found.violations.flatMap(rule => rule.nodes.map(node =>"
                + "rule.id + ': ' + node.target + ': ' + node.failureSummary))));");
    }

    /** How much of the page has moved since it was opened without anyone's doing: 0 for nothing, below 0.1 is good. */
    double layoutShift() {
        return ((Number) driver.executeAsyncScript("const done = arguments[0]; let sum = 0;"
                        + "new PerformanceObserver(list => list.getEntries().forEach(shift => {"
                        + "if (!shift.hadRecentInput) sum += shift.value; }))"
                        + ".observe({type: 'layout-shift', buffered: true});"
                        + "setTimeout(() => done(sum), 500);"))
                .doubleValue();
    }

    /** What the browser complained of since the last call. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(entry -> entry.getMessage())
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}

package dev.weir.bundle;

/** The descriptor of a small application: one servlet, and what a test puts in front of it. */
final class WebXml {

    private WebXml() {}

    /** @param elements what stands before the servlet */
    static String of(String elements) {
        return """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                %s
                  <servlet>
                    <servlet-name>hello</servlet-name>
                    <servlet-class>dev.weir.bundle.HelloServlet</servlet-class>
                    <async-supported>true</async-supported>
                  </servlet>
                  <servlet-mapping><servlet-name>hello</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
                </web-app>
                """.formatted(elements);
    }

    /** The filter's eight lines: the policy search for a URL pattern. */
    static String limit(String urlPattern) {
        return """
                <filter>
                  <filter-name>rate-limit</filter-name>
                  <filter-class>dev.weir.filter.RateLimitFilter</filter-class>
                  <async-supported>true</async-supported>
                  <init-param><param-name>policy</param-name><param-value>search</param-value></init-param>
                </filter>
                <filter-mapping>
                  <filter-name>rate-limit</filter-name><url-pattern>%s</url-pattern>
                </filter-mapping>
                """.formatted(urlPattern);
    }
}

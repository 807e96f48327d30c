package com.example;

import dev.weir.filter.RateLimitFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.Map;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A servlet, and the filter in front of it. */
@Configuration(proxyBeanMethods = false)
public class Servlets {

    @Bean
    public FilterRegistrationBean<RateLimitFilter> rateLimit() {
        FilterRegistrationBean<RateLimitFilter> filter = new FilterRegistrationBean<>(new RateLimitFilter());
        filter.setInitParameters(Map.of("policy", "search"));
        filter.addUrlPatterns("/search/*");
        filter.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        return filter;
    }

    @Bean
    public ServletRegistrationBean<SearchServlet> search() {
        return new ServletRegistrationBean<>(new SearchServlet(), "/search/*", "/open");
    }
}

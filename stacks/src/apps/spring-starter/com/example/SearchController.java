package com.example;

import dev.weir.annotation.RateLimited;
import java.util.concurrent.Callable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.ModelAndView;

/** A controller whose methods are limited, but for one. */
@RestController
public class SearchController {

    @GetMapping("/search")
    @RateLimited(policy = "search")
    public String search() {
        return "found";
    }

    @GetMapping("/search/forward")
    @RateLimited(policy = "search")
    public ModelAndView forward() {
        return new ModelAndView("forward:/search");
    }

    @GetMapping("/search/async")
    @RateLimited(policy = "search")
    public Callable<String> searchLater() {
        return () -> "found";
    }

    @GetMapping("/search/error")
    @RateLimited(policy = "search")
    public String searchInVain() {
        throw new IllegalStateException("there is nothing to be found, as the test wants it");
    }

    @GetMapping("/open")
    public String open() {
        return "found";
    }
}

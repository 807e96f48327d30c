package dev.weir.spring;

import dev.weir.annotation.RateLimited;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** One path, which the policy {@code search} limits. */
@RestController
class SearchController {

    @GetMapping("/search")
    @RateLimited(policy = "search")
    String search() {
        return "found";
    }
}

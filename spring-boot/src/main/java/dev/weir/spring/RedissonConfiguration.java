package dev.weir.spring;

import dev.weir.redisson.RedissonStore;
import org.redisson.api.RedissonClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/** Limits that instances share over the application's own Redis. */
@AutoConfiguration(before = LimiterConfiguration.class)
@ConditionalOnClass({RedissonStore.class, RedissonClient.class})
class RedissonConfiguration {

    @Bean
    SharedStore weirSharedStore(ConfigurableEnvironment environment, ObjectProvider<RedissonClient> clients) {
        return new RedissonChoice(clients, SpringRedis.of(environment));
    }
}

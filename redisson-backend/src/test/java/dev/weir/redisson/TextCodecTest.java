package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.client.handler.State;

class TextCodecTest {

    /** What is not sent, and never released, takes nothing from Netty's pool. */
    @ParameterizedTest
    @ValueSource(strings = {"", "12", "Zoë, 5 €, \uD83D\uDE00"})
    void encode_isUtf8_outsideOfThePool(String text) throws Exception {
        ByteBuf encoded = TextCodec.INSTANCE.getValueEncoder().encode(text);

        assertThat(encoded.toString(StandardCharsets.UTF_8)).isEqualTo(text);
        assertThat(encoded.alloc()).isNotSameAs(ByteBufAllocator.DEFAULT);
        assertThat(TextCodec.INSTANCE.getValueDecoder().decode(encoded, new State()))
                .isEqualTo(text);
    }
}

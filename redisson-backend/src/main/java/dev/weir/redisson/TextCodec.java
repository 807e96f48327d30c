package dev.weir.redisson;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.Encoder;

/**
 * Text in UTF-8, encoded into arrays that the garbage collector frees. Redisson encodes the arguments of a call before
 * it has a connection. It does not give back the buffers of every call that it cannot send, and those of
 * {@link StringCodec} are from Netty's pool: each outage would take some of it for good.
 *
 * <p>It is a {@code StringCodec} because Redisson looks in the codecs of others for a constructor that takes a class
 * loader, with each call.
 */
final class TextCodec extends StringCodec {

    static final Codec INSTANCE = new TextCodec();

    private static final Encoder ENCODER =
            text -> Unpooled.wrappedBuffer(text.toString().getBytes(StandardCharsets.UTF_8));

    private TextCodec() {}

    @Override
    public Encoder getValueEncoder() {
        return ENCODER;
    }
}

package dev.weir.redisson;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * In which shard a client is: the same on every machine and in every version.
 *
 * <p>Without a secret it is the CRC-32 of the client's id, modulo the number of shards: strangers who choose their ids
 * can choose their shard, too. With a secret it is the HMAC-SHA-256 of the id (RFC 2104), its first four bytes as an
 * unsigned number, modulo the same: only those who have the secret can compute it.
 *
 * @param count how many shards there are
 * @param secret the key of the HMAC
 */
record Sharding(int count, @Nullable SecretKey secret) {

    private static final String HMAC = "HmacSHA256";

    /** No id is empty. */
    private static final byte[] NO_ID = {};

    private static final int FINGERPRINT_BYTES = 8;

    static Sharding of(int count, byte @Nullable [] secret) {
        return new Sharding(count, secret == null ? null : new SecretKeySpec(secret, HMAC));
    }

    /** From 0 to {@link #count} - 1. */
    int shardOf(String client) {
        byte[] id = client.getBytes(StandardCharsets.UTF_8);
        return (int) ((secret == null ? crc(id) : firstBytes(hmac(secret, id))) % count);
    }

    /** What all instances have to agree on: the number, and a fingerprint of the secret. */
    String inForce() {
        return secret == null ? Integer.toString(count) : count + " " + fingerprint(secret);
    }

    private static String fingerprint(SecretKey secret) {
        return HexFormat.of().formatHex(hmac(secret, NO_ID), 0, FINGERPRINT_BYTES);
    }

    private static long crc(byte[] id) {
        CRC32 crc = new CRC32();
        crc.update(id);
        return crc.getValue();
    }

    private static long firstBytes(byte[] hmac) {
        return Integer.toUnsignedLong(ByteBuffer.wrap(hmac).getInt());
    }

    private static byte[] hmac(SecretKey secret, byte[] text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(secret);
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return inForce();
    }
}

package dev.weir.redisson;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;

/** A key with a certificate that it signs itself, made by keytool: none trusts it but what is given its trust store. */
final class TlsKey {

    static final String PASSWORD = "changeit";

    private static final String ALIAS = "key";

    private final Path keystore;
    private final KeyStore keys;

    /**
     * @param directory for its files
     * @param name what its certificate is for, as keytool writes it: {@code ip:127.0.0.1}
     */
    TlsKey(Path directory, String name) throws IOException, GeneralSecurityException, InterruptedException {
        keystore = directory.resolve("key-%d.p12".formatted(System.nanoTime()));
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + keystore.getFileName(),
                        "-ext",
                        "SAN=" + name,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keystore.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), Charset.defaultCharset());
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool made no key: " + output);
        }
        keys = KeyStore.getInstance(keystore.toFile(), PASSWORD.toCharArray());
    }

    /** The key and its certificate, as Java reads them. */
    Path keystore() {
        return keystore;
    }

    /** What trusts this certificate, and no other, as Java reads it. */
    Path truststore() throws IOException, GeneralSecurityException {
        Path file = keystore.resolveSibling("trust-" + keystore.getFileName());
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(ALIAS, certificate());
        try (OutputStream out = Files.newOutputStream(file)) {
            trust.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    /** The certificate, as Redis reads it. */
    Path certificatePem() throws IOException, GeneralSecurityException {
        return pem("CERTIFICATE", certificate().getEncoded());
    }

    /** The key, as Redis reads it. */
    Path keyPem() throws IOException, GeneralSecurityException {
        return pem("PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    }

    private Certificate certificate() throws GeneralSecurityException {
        return keys.getCertificate(ALIAS);
    }

    private Path pem(String kind, byte[] content) throws IOException {
        String text = "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
                .formatted(
                        kind,
                        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                                .encodeToString(content));
        return Files.writeString(
                keystore.resolveSibling(kind.replace(' ', '-') + keystore.getFileName() + ".pem"), text);
    }
}

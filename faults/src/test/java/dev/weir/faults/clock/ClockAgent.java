package dev.weir.faults.clock;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Sets the wall clock of the process that it runs in. Behind each call in any class, the JDK's among them, that reads
 * the machine's wall clock it puts a call of {@link WallClock}. The monotonic clock is left alone, as it is by a real
 * clock that is wrong; so are the times of files, which are the machine's.
 *
 * <p>A library between the process and the system (libfaketime) would do this for any process; neither a JVM nor
 * Redis 7 started with it where it was tried.
 */
public final class ClockAgent implements ClassFileTransformer {

    /** The methods that all of the JDK's wall clocks come down to, and those that see their results. */
    private static final Map<String, String> READS = Map.of(
            "java/lang/System.currentTimeMillis", "millis",
            "jdk/internal/misc/VM.getNanoTimeAdjustment", "nanos");

    private static final String CLOCK = "dev/weir/faults/clock/WallClock";

    /** Before the process starts. */
    public static void premain(String aheadMillis, Instrumentation jvm) throws UnmodifiableClassException {
        WallClock.set(Long.parseLong(aheadMillis));
        jvm.addTransformer(new ClockAgent(), true);
        jvm.retransformClasses(Stream.of(jvm.getAllLoadedClasses())
                .filter(each -> jvm.isModifiableClass(each) && !each.isArray())
                .toArray(Class<?>[]::new));
    }

    /** While it runs, as often as the clock is to be set. */
    public static void agentmain(String aheadMillis, Instrumentation jvm) {
        WallClock.set(Long.parseLong(aheadMillis));
    }

    @Override
    public byte @Nullable [] transform(
            @Nullable ClassLoader loader,
            @Nullable String name,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] file) {
        return CLOCK.equals(name) || !readsClock(file) ? null : redirected(file);
    }

    /** Whether it may; most classes do not, and parsing them all would slow down the start. */
    private static boolean readsClock(byte[] file) {
        String text = new String(file, StandardCharsets.ISO_8859_1);
        return READS.keySet().stream().anyMatch(read -> text.contains(read.substring(read.indexOf('.') + 1)));
    }

    private static byte[] redirected(byte[] file) {
        ClassReader reader = new ClassReader(file);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String type, String signature, String[] exceptions) {
                        return redirected(super.visitMethod(access, name, type, signature, exceptions));
                    }
                },
                0);
        return writer.toByteArray();
    }

    private static MethodVisitor redirected(MethodVisitor method) {
        return new MethodVisitor(Opcodes.ASM9, method) {
            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String type, boolean isInterface) {
                super.visitMethodInsn(opcode, owner, name, type, isInterface);
                String seen = READS.get(owner + "." + name);
                if (seen != null) {
                    super.visitMethodInsn(Opcodes.INVOKESTATIC, CLOCK, seen, "(J)J", false);
                }
            }
        };
    }
}

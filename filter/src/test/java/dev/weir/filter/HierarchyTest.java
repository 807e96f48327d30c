package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;

class HierarchyTest {

    interface Root {
        void act(String text);
    }

    interface Near extends Root {
        @Override
        void act(String text);
    }

    interface Typed<T extends Number> {
        void put(T value);
    }

    static class Base implements Root {
        @Override
        public void act(String text) {}

        void put(String other) {}
    }

    static class Derived extends Base implements Near, Typed<Long> {
        @Override
        public void act(String text) {}

        @Override
        public void put(Long value) {}

        static void act(int unrelated) {}
    }

    @Test
    void types_areClassesNearestFirst_thenInterfacesNearestFirst() {
        assertThat(Hierarchy.of(Derived.class))
                .containsExactly(Derived.class, Base.class, Near.class, Typed.class, Root.class);
    }

    @Test
    void declarations_areThoseOfTheSameMethod_nearestFirst() throws Exception {
        List<Class<?>> types = Hierarchy.of(Derived.class);
        assertThat(Hierarchy.declarations(types, Derived.class.getMethod("act", String.class)))
                .extracting(Method::getDeclaringClass)
                .containsExactly(Derived.class, Base.class, Near.class, Root.class);
        assertThat(Hierarchy.declarations(types, Derived.class.getMethod("put", Long.class)))
                .extracting(Method::getDeclaringClass)
                .containsExactly(Derived.class, Typed.class);
    }
}

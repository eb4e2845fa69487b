package dev.ugate.model.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FieldsTest {
    private static final Fields FIELDS = Fields.of("Via", "a", "x", "1", "via", "b");

    @Test
    void keepsOrderAndRepeatedNamesInLowerCase() {
        assertThat(FIELDS.size()).isEqualTo(3);
        assertThat(FIELDS.name(0)).isEqualTo("via");
        assertThat(FIELDS.value(2)).isEqualTo("b");
        assertThat(FIELDS.first("via")).contains("a");
        assertThat(FIELDS.all("via")).containsExactly("a", "b");
    }

    @Test
    void knowsNothingOfNamesThatAreNotThere() {
        assertThat(FIELDS.has("y")).isFalse();
        assertThat(FIELDS.first("y")).isEmpty();
        assertThat(FIELDS.all("y")).isEmpty();
    }

    @Test
    void goesOnWithoutSomeNames() {
        assertThat(FIELDS.without("via"::equals).add("Z", "2").build()).isEqualTo(Fields.of("x", "1", "z", "2"));
        assertThat(FIELDS.without(name -> true).build()).isSameAs(Fields.NONE);
    }

    @Test
    void whatWasBuiltStaysAsItIsWhenTheBuilderGoesOn() {
        Fields.Builder builder = new Fields.Builder().copy(FIELDS, 1);
        Fields first = builder.build();
        for (int i = 0; i < 40; i++) {
            builder.add("n" + i, "v");
        }

        assertThat(first).isEqualTo(Fields.of("x", "1")).hasSameHashCodeAs(Fields.of("x", "1"));
        assertThat(builder.size()).isEqualTo(41);
        assertThat(builder.build().value(40)).isEqualTo("v");
    }
}

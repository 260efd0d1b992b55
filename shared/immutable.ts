/**
 * What a schema decodes, as it is passed on: nobody changes it. The type alone says so; nothing is frozen.
 * Texts stay as they are, branded ones too.
 */
export type Immutable<Type> = Type extends string ? Type : { readonly [Key in keyof Type]: Immutable<Type[Key]> };

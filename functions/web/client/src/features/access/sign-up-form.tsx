import { Button, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import type { Schema } from "@/lib/api";
import { beyond, focusFirst, tell } from "@/lib/form";
import { refuse } from "@/lib/password";
import { NewPasswordField } from "@/ui/password-field";
import { Refused } from "@/ui/states";
import { elsewhere, LocationField, theOnly } from "./location-field";
import { locations, type useSignUp } from "./sign-up.api";

type Values = Required<Schema<"SignUp">>;
type Props = {
  initial?: Partial<Schema<"SignUp">>;
  signUp: ReturnType<typeof useSignUp>;
  done: (values: Schema<"SignUp">) => void;
};

/** SignUpForm asks for what a new account needs. */
export function SignUpForm({ initial, signUp, done }: Props) {
  const { data } = useQuery(locations);
  const only = theOnly(data?.items);
  const form = useForm<Values>({
    initialValues: { email: "", name: "", company: "", password: "", location: "", ...initial },
    validate: {
      email: (v) => (/^\S+@\S+$/.test(v.trim()) ? null : "Enter an e-mail address such as name@example.com."),
      name: (v) => (v.trim() ? null : "Enter your name."),
      company: (v) => (v.trim() ? null : "Enter the company's name."),
      password: (v, all) => refuse(v, all.email),
      location: (v) => (v || only ? null : "Choose where the backups are to be kept."),
    },
  });
  const other = elsewhere(data?.items, form.values.location || only);
  const submit = form.onSubmit((entered) => {
    const values = { ...entered, location: entered.location || only };
    signUp.mutate(values, { onSuccess: () => done(values), onError: tell(form) });
  }, focusFirst(form));
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          autoFocus
          maxLength={254}
          {...form.getInputProps("email")}
        />
        <TextInput label="Your name" autoComplete="name" maxLength={100} {...form.getInputProps("name")} />
        <TextInput
          label="Company"
          autoComplete="organization"
          maxLength={100}
          {...form.getInputProps("company")}
        />
        <NewPasswordField
          label="Password"
          email={form.values.email}
          {...form.getInputProps("password")}
          value={form.values.password}
        />
        <LocationField {...form.getInputProps("location")} value={form.values.location} />
        <Refused error={beyond(signUp.error, Object.keys(form.values))} />
        {other?.portal ? (
          <Button component="a" href={`${other.portal}/sign-up?location=${other.id}`} fullWidth>
            Go on to {other.name}
          </Button>
        ) : (
          <Button type="submit" loading={signUp.isPending} fullWidth>
            Start the trial
          </Button>
        )}
      </Stack>
    </form>
  );
}

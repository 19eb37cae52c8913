import { Tooltip } from "@base-ui/react/tooltip";
import { Redirect, Route, Switch } from "wouter";
import { isRoomName } from "./join/names.ts";
import { Home } from "./pages/Home.tsx";
import { Meeting } from "./pages/Meeting.tsx";
import { NotFound } from "./pages/NotFound.tsx";

export function App() {
  return (
    <Tooltip.Provider delay={400}>
      <Switch>
        <Route path="/" component={Home} />
        <Route path="/r">
          <Redirect to="/" replace />
        </Route>
        <Route path="/r/:room">
          {({ room }) => (isRoomName(room) ? <Meeting key={room} room={room} /> : <NotFound />)}
        </Route>
        <Route component={NotFound} />
      </Switch>
    </Tooltip.Provider>
  );
}
